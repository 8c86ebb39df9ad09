/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkObjectType: what an object of the scene is; see docs/protocol.md for their geometry
 */
typedef enum
{
  MK_OBJECT_TYPE_CUBE,
  MK_OBJECT_TYPE_SPHERE,
  MK_OBJECT_TYPE_CYLINDER,
  MK_OBJECT_TYPE_CAMERA,
  MK_OBJECT_TYPE_POINT_LIGHT,
  MK_OBJECT_TYPE_SUN_LIGHT,
  MK_OBJECT_TYPE_ASSET_REF,
  MK_N_OBJECT_TYPES /*< skip >*/
} MkObjectType;

/**
 * MkProperty: every property that objects of some type have
 */
typedef enum
{
  MK_PROPERTY_FOCAL_LENGTH, /* camera, mm */
  MK_PROPERTY_SENSOR_WIDTH, /* camera, mm */
  MK_PROPERTY_CLIP_START,   /* camera, units */
  MK_PROPERTY_CLIP_END,     /* camera, units */
  MK_PROPERTY_COLOR,        /* both lights, three numbers, linear Rec.709 */
  MK_PROPERTY_POWER,        /* point light, W */
  MK_PROPERTY_RADIUS,       /* point light, units */
  MK_PROPERTY_INTENSITY,    /* sun light */
  MK_PROPERTY_ANGLE,        /* sun light, radians */
  MK_N_PROPERTIES /*< skip >*/
} MkProperty;

/**
 * MkRegisters:
 *
 * A set of registers. A register is what a write replaces as a whole and what conflicts are decided
 * for: an object's transform, its name, and each of its properties.
 */
typedef guint32 MkRegisters;

#define MK_REGISTER_TRANSFORM   ((MkRegisters) 1 << 0)
#define MK_REGISTER_NAME        ((MkRegisters) 1 << 1)
#define MK_REGISTER_PROPERTY(p) ((MkRegisters) 1 << (2 + (p)))
#define MK_REGISTERS_PROPERTIES (((MkRegisters) 1 << (2 + MK_N_PROPERTIES)) - 4)
#define MK_N_REGISTERS          (2 + MK_N_PROPERTIES)

/* No type has more properties than this. */
#define MK_N_SLOTS 4

typedef struct
{
  double position[3];
  double rotation[3]; /* XYZ Euler, radians */
  double scale[3];
} MkTransform;

/* A property's value; properties that are one number use the first. */
typedef struct
{
  double v[3];
} MkValue;

/**
 * MkStamp: who wrote a register last, and when
 */
typedef struct
{
  gint64 time;      /* effective time, Unix ms */
  guint64 revision; /* of the change that wrote it */
  char *user_id;    /* (owned) GRefString */
} MkStamp;

/**
 * MkObject:
 *
 * An object of the scene as it was after one change: a record that never changes once it is shared.
 * A write makes a new one, so that any thread may keep a reference to a state for as long as it
 * likes, without a lock and without a copy. All strings are GRefStrings.
 */
typedef struct
{
  char *id;
  char *name;
  char *asset_id;      /* (nullable): of asset_ref only */
  char *asset_library; /* (nullable): of asset_ref only */
  MkObjectType type;
  MkTransform transform;
  MkValue values[MK_N_SLOTS]; /* by mk_object_type_get_slot() */
  char *created_by;
  char *updated_by;
  gint64 updated_at;          /* effective time of the last change, Unix ms */
  guint64 created_revision;
  guint64 revision;           /* of the last change */
  guint64 replaced_revision;  /* of the deletion of an earlier object of this id; 0 = none known */
  MkStamp stamps[2 + MK_N_SLOTS]; /* transform, name, then the slots */

  GBytes *encoded; /* (nullable): the snapshots': the object as text, made once. Main loop only */
} MkObject;

MkObject      *mk_object_new   (void);
MkObject      *mk_object_copy  (const MkObject *self);
MkObject      *mk_object_ref   (const MkObject *self);
void           mk_object_unref (const MkObject *self);

MkRegisters    mk_object_get_registers (const MkObject *self);
const MkStamp *mk_object_get_stamp (const MkObject *self, guint reg);
void           mk_object_set_stamp (MkObject *self, MkRegisters registers, gint64 time,
                                    guint64 revision, const char *user_id);
gboolean       mk_object_equal (const MkObject *a, const MkObject *b);

gboolean       mk_transform_equal (const MkTransform *a, const MkTransform *b);
gboolean       mk_value_equal     (const MkValue *a, const MkValue *b, MkProperty property);

const char    *mk_object_type_get_name (MkObjectType type);
gboolean       mk_object_type_from_name (const char *name, MkObjectType *type);
MkRegisters    mk_object_type_get_properties (MkObjectType type);
int            mk_object_type_get_slot (MkObjectType type, MkProperty property);
MkValue        mk_object_type_get_default (MkObjectType type, MkProperty property);

const char    *mk_property_get_name (MkProperty property);
gboolean       mk_property_from_name (const char *name, MkProperty *property);
guint          mk_property_get_size (MkProperty property);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkObject, mk_object_unref)

G_END_DECLS
