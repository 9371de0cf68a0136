/* A map from addresses to addresses; see table.h. */
#include "table.h"

#include <stdlib.h>

enum { FIRST_SIZE = 16 };

static size_t
home_of(const RwTable *table, uintptr_t key)
{
    /* Fibonacci hashing (Knuth, TAOCP 6.4): addresses differ in their middle bits. */
    return (size_t)(((uint64_t)key * 0x9E3779B97F4A7C15u) >> 32) & (table->size - 1);
}

static RwPlace *
place_of(const RwTable *table, uintptr_t key)
{
    size_t at = home_of(table, key);
    while (table->places[at].key != key && table->places[at].key != 0) {
        at = (at + 1) & (table->size - 1);
    }
    return &table->places[at];
}

void *
rw_table_get(const RwTable *table, uintptr_t key)
{
    if (table->used == 0) {
        return NULL;
    }
    RwPlace *place = place_of(table, key);
    return place->key == key ? place->value : NULL;
}

static int
grow(RwTable *table)
{
    RwTable wider = {.size = table->size == 0 ? FIRST_SIZE : table->size * 2};
    wider.places = calloc(wider.size, sizeof(RwPlace));
    if (wider.places == NULL) {
        return -1;
    }
    for (size_t at = 0; at < table->size; at++) {
        if (table->places[at].key != 0) {
            *place_of(&wider, table->places[at].key) = table->places[at];
        }
    }
    wider.used = table->used;
    free(table->places);
    *table = wider;
    return 0;
}

int
rw_table_set(RwTable *table, uintptr_t key, void *value)
{
    if (table->used * 2 >= table->size && grow(table) < 0) {
        return -1;
    }
    RwPlace *place = place_of(table, key);
    table->used += place->key == 0;
    place->key = key;
    place->value = value;
    return 0;
}

void *
rw_table_take(RwTable *table, uintptr_t key)
{
    if (table->used == 0 || key == 0) {
        return NULL;
    }
    RwPlace *place = place_of(table, key);
    if (place->key == 0) {
        return NULL;
    }
    void *value = place->value;
    place->key = 0;
    table->used--;
    /* What stands behind it may only be there because this place was taken. */
    size_t at = (size_t)(place - table->places);
    for (;;) {
        at = (at + 1) & (table->size - 1);
        RwPlace moved = table->places[at];
        if (moved.key == 0) {
            return value;
        }
        table->places[at].key = 0;
        *place_of(table, moved.key) = moved;
    }
}

void
rw_table_free(RwTable *table)
{
    free(table->places);
    *table = (RwTable){0};
}
