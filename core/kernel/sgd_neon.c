/* sgd_neon.c - the steps of sgd_body.h with the lanes of NEON. */
#if defined(__aarch64__)
#include "lanes_neon.h"

#include "sgd_body.h"
#else
typedef int ink_sgd_neon_is_not_for_this_target;
#endif
