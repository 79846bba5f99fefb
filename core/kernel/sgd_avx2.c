/* sgd_avx2.c - the steps of sgd_body.h with the lanes of AVX2. */
#if defined(__x86_64__)
#include "lanes_avx2.h"

#include "sgd_body.h"
#else
typedef int ink_sgd_avx2_is_not_for_this_target;
#endif
