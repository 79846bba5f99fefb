/* chosen_truth.h - made by make_chosen.py with numpy 2.4.6, scipy 1.17.1; do not edit. */
static const char truth_chosen[] =
  "u0 i0 i1 i2 i3 i4 i5\n"
  "u1 i1 i2 i3\n"
  "u2 i0 i1 i4\n"
  "u3 i1 i3 i4\n"
  "u4 i0 i1 i3 i4\n"
  "u5 i3 i4\n"
  "u6 i0 i1 i4 i5\n"
  "u7 i0 i2 i3 i4 i5\n"
  "u8 i0 i1 i2 i3 i5\n"
  "u9 i0 i1 i5\n"
  "u10 i3 i4\n"
  ;
static const struct { const char *similarity; double power, shrink, value; } truth_alike[] = {
  { "cosine", 0, 0, 0.801783726 },
  { "cosine", 0, 2, 0.632690166 },
  { "cosine", 0.5, 0, 0.402249874 },
  { "cosine", 0.5, 2, 0.317416694 },
  { "cosine", 1, 0, 0.204900285 },
  { "cosine", 1, 2, 0.161687487 },
  { "jaccard", 0, 0, 0.666666667 },
  { "jaccard", 0, 2, 0.545454545 },
  { "jaccard", 0.5, 0, 0.652669657 },
  { "jaccard", 0.5, 2, 0.455252204 },
  { "jaccard", 1, 0, 0.638888889 },
  { "jaccard", 1, 2, 0.348484848 },
  { "euclidean", 0, 0, 0.366025404 },
  { "euclidean", 0, 2, 0.211324865 },
  { "euclidean", 0.5, 0, 0.441371038 },
  { "euclidean", 0.5, 2, 0.234429901 },
  { "euclidean", 1, 0, 0.517879978 },
  { "euclidean", 1, 2, 0.254391475 },
};
