/* Where the nodes of a segment lie in the open chunk, so that an echo of one can refer to it.
 *
 * Zeroed memory is empty. Used by the writer's one thread.
 */
#ifndef RW_NODES_H
#define RW_NODES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>

/* A node that was echoed. */
typedef struct {
    uint32_t at;   /* in the segment; 0: there is none, as a header comes first */
    uint32_t size; /* in the segment */
    size_t here;   /* among the chunk's records */
    uint32_t here_size;
    uint32_t whole;  /* bytes that it stands for */
    unsigned height; /* echoes within echoes, its own being the first */
} RwNode;

/* Bytes of the segment that lie among the chunk's records as they are, but for echoes, which are
 * references of the same size. */
typedef struct {
    size_t at;
    size_t here;
    size_t size;
} RwStretch;

typedef struct {
    PyObject *segment; /* the file, held; NULL: none was read */
    RwNode *slots;     /* an open hash, at most half full */
    size_t mask;
    size_t count;
    RwStretch *stretches; /* in the order of both places */
    size_t stretch_count;
    size_t stretch_room;
} RwNodes;

void rw_nodes_free(RwNodes *nodes);

/* Forget all. */
void rw_nodes_clear(RwNodes *nodes);

/* Say which file is read now, if any; what lies where of another is forgotten. */
void rw_nodes_of(RwNodes *nodes, PyObject *segment);

/* Return the node that takes these bytes of the segment, or NULL. It stays until one is added. */
const RwNode *rw_node(const RwNodes *nodes, uint32_t at, uint32_t size);

/* Both return 0, or -1 with an exception set. */

int rw_nodes_add(RwNodes *nodes, RwNode node);
int rw_nodes_begin_stretch(RwNodes *nodes, RwStretch stretch);

/* Say that bytes of the segment lie there in the chunk, if there are any. */
static inline int
rw_nodes_stretch(RwNodes *nodes, size_t at, size_t here, size_t size)
{
    if (nodes->stretch_count > 0) {
        RwStretch *last = &nodes->stretches[nodes->stretch_count - 1];
        if (last->at + last->size == at && last->here + last->size == here) {
            last->size += size;
            return 0;
        }
    }
    return size == 0 ? 0 : rw_nodes_begin_stretch(nodes, (RwStretch){at, here, size});
}

/* Find where bytes of the segment lie in the chunk; 0: they do not. */
int rw_nodes_place(const RwNodes *nodes, uint32_t at, uint32_t size, size_t *here);

#endif
