/* sgd_sse2.c - the steps of sgd_body.h with the lanes of SSE2. */
#if defined(__x86_64__)
#include "lanes_sse2.h"

#include "sgd_body.h"
#else
typedef int ink_sgd_sse2_is_not_for_this_target;
#endif
