/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode-private.h"

static void
append_numbers (GString *out, const double *numbers, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_string_append_c (out, i == 0 ? '[' : ',');
      mk_encode_number (out, numbers[i]);
    }
  g_string_append_c (out, ']');
}

/**
 * mk_encode_transform:
 * @out: where to
 * @transform: a transform
 *
 * Appends the object with position, rotation and scale.
 */
void
mk_encode_transform (GString *out, const MkTransform *transform)
{
  append_literal (out, "{\"position\":");
  append_numbers (out, transform->position, 3);
  append_literal (out, ",\"rotation\":");
  append_numbers (out, transform->rotation, 3);
  append_literal (out, ",\"scale\":");
  append_numbers (out, transform->scale, 3);
  g_string_append_c (out, '}');
}

/**
 * mk_encode_properties:
 * @out: where to
 * @object: an object
 * @registers: which properties; those that its type does not have are left out
 *
 * Appends the object of the properties' values by name.
 */
void
mk_encode_properties (GString *out, const MkObject *object, MkRegisters registers)
{
  char separator = '{';

  registers &= mk_object_type_get_properties (object->type);
  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    {
      const MkValue *value;

      if (!(registers & MK_REGISTER_PROPERTY (property)))
        continue;

      g_string_append_c (out, separator);
      separator = ',';
      mk_encode_string (out, mk_property_get_name (property));
      g_string_append_c (out, ':');

      value = &object->values[mk_object_type_get_slot (object->type, property)];
      if (mk_property_get_size (property) == 1)
        mk_encode_number (out, value->v[0]);
      else
        append_numbers (out, value->v, mk_property_get_size (property));
    }
  g_string_append (out, separator == '{' ? "{}" : "}");
}

/**
 * mk_encode_object:
 * @out: where to
 * @object: an object of the scene
 *
 * Appends the object as clients are told it.
 */
void
mk_encode_object (GString *out, const MkObject *object)
{
  append_literal (out, "{\"object_id\":");
  mk_encode_string (out, object->id);
  append_literal (out, ",\"name\":");
  mk_encode_string (out, object->name);
  append_literal (out, ",\"type\":");
  mk_encode_string (out, mk_object_type_get_name (object->type));
  append_literal (out, ",\"asset_id\":");
  mk_encode_string (out, object->asset_id);
  append_literal (out, ",\"asset_library\":");
  mk_encode_string (out, object->asset_library);
  append_literal (out, ",\"transform\":");
  mk_encode_transform (out, &object->transform);
  append_literal (out, ",\"properties\":");
  mk_encode_properties (out, object, MK_REGISTERS_PROPERTIES);
  append_literal (out, ",\"created_by\":");
  mk_encode_string (out, object->created_by);
  append_literal (out, ",\"last_updated_by\":");
  mk_encode_string (out, object->updated_by);
  append_literal (out, ",\"last_updated_at\":");
  mk_encode_integer (out, object->updated_at);
  append_literal (out, ",\"revision\":");
  mk_encode_unsigned (out, object->revision);
  g_string_append_c (out, '}');
}

/**
 * mk_encode_selection:
 * @out: where to
 * @selection: (nullable): a selection
 *
 * Appends the array of all selected ids.
 */
void
mk_encode_selection (GString *out, const MkSelection *selection)
{
  g_string_append_c (out, '[');
  for (guint i = 0; selection != NULL && i < selection->ids->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      mk_encode_string (out, selection->ids->pdata[i]);
    }
  g_string_append_c (out, ']');
}

/**
 * mk_encode_color:
 * @out: where to
 * @color: (array fixed-size=3): a user's colour, sRGB
 *
 * Appends the array of its three components, 0 to 255.
 */
void
mk_encode_color (GString *out, const guint8 *color)
{
  for (guint i = 0; i < 3; i++)
    {
      g_string_append_c (out, i == 0 ? '[' : ',');
      mk_encode_unsigned (out, color[i]);
    }
  g_string_append_c (out, ']');
}
