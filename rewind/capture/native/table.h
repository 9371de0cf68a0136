/* A map from addresses to addresses: open addressing, a power of two of places. */
#ifndef RW_TABLE_H
#define RW_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uintptr_t key; /* 0: free */
    void *value;
} RwPlace;

typedef struct {
    RwPlace *places;
    size_t size;
    size_t used;
} RwTable;

void *rw_table_get(const RwTable *table, uintptr_t key);
/* Return -1 where there is no memory. The value that stood there is lost: take it first. */
int rw_table_set(RwTable *table, uintptr_t key, void *value);
/* Take the key out; return its value, NULL if there was none. */
void *rw_table_take(RwTable *table, uintptr_t key);
void rw_table_free(RwTable *table);

#endif
