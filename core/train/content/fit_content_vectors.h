/* fit_content_vectors.h - training of content-vectors: the catalogue's words and tags as short dense vectors. */
#ifndef INK_FIT_CONTENT_VECTORS_H
#define INK_FIT_CONTENT_VECTORS_H

#include "train.h"

extern const ink_trainer ink_trainer_content_vectors;

#endif
