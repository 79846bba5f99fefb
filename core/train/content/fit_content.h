/* fit_content.h - training of content: the catalogue's texts and tags as weighted terms (core/model/content.h). */
#ifndef INK_FIT_CONTENT_H
#define INK_FIT_CONTENT_H

#include "train.h"

extern const ink_trainer ink_trainer_content;

#endif
