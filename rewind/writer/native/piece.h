/* Bytes of a segment that are being decoded: `rewind.writer._following.Piece`. */
#ifndef RW_PIECE_H
#define RW_PIECE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct {
    PyObject_HEAD
    Py_buffer data;
    Py_buffer segment; /* the file that `data` is from, where there is one: what echoes stand for */
    size_t offset;     /* of `data` in it */
} RwPiece;

extern PyTypeObject RwPiece_Type;

#endif
