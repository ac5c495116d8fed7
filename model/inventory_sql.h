/* The inventory's SQL in one place (inventory_sql.c). */
#ifndef MODEL_INVENTORY_SQL_H
#define MODEL_INVENTORY_SQL_H

#include "model/inventory_internal.h"

extern const char inventory_schema[];
extern const char *const inventory_statements[SQL_LEN];

#endif
