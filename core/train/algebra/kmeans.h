/* kmeans.h - k-means over sparse rows: Lloyd's passes (1982) from k-means++ starts (Arthur & Vassilvitskii 2007), on all
 * workers; clusters of too few rows can be dissolved afterwards. Same seed, same bits, whatever the number of workers. */
#ifndef INK_KMEANS_H
#define INK_KMEANS_H

#include "dataset.h"

typedef struct ink_kmeans_options {
  uint32_t k, passes;             /* 1 <= k <= rows; passes of Lloyd at most */
  uint32_t least;                 /* rows that a cluster must have; 1: any that has some */
  const uint32_t *starts;         /* [k] rows that are the first centres; NULL: k-means++ */
  bool directions;                /* centres are scaled to length 1, so that rows of length 1 go by cosine: a large group's
                                   * short mean would else be nearest to nearly all (Dhillon & Modha 2001) */
  uint64_t seed;
} ink_kmeans_options;

typedef struct ink_kmeans {
  uint32_t k, d;                  /* clusters that are left, columns */
  uint32_t *cluster;              /* [rows] */
  uint32_t *size;                 /* [k] */
  float *centres;                 /* [d, k] the mean of each cluster's rows (or its direction): column c is centre c */
  double inertia;                 /* sum of squared distances to them */
} ink_kmeans;

/* `columns` is the transpose of `rows`. When fewer rows than `least` exist, they are one cluster: that is for the caller to
 * refuse. Takes d * k floats. INK_E_NO_MEMORY, INK_E_STOPPED; `out` is written on success only. */
ink_status ink_kmeans_fit(const ink_matrix *rows, const ink_matrix *columns, const ink_kmeans_options *options,
                          const ink_train_env *env, ink_kmeans *out);
void ink_kmeans_free(ink_kmeans *m, const ink_allocator *allocator);

#endif
