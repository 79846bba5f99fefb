/* families.c - the list of families, in the order of the fallback chain: a blend before its members, what knows the
 * order of events before what does not, popularity last. A family is added here, and nowhere else. */
#include "content.h"
#include "factor.h"
#include "hybrid.h"
#include "linear_items.h"
#include "popular.h"
#include "recurrent.h"
#include "user_knn.h"

#include "base.h"

const ink_family *const ink_families[] = {
  &ink_family_hybrid,
  &ink_family_lstm, &ink_family_gru,
  &ink_family_als, &ink_family_simplex, &ink_family_bpr, &ink_family_warp, &ink_family_item2vec, &ink_family_svdpp, &ink_family_svd, &ink_family_nmf, &ink_family_pure_svd,
  &ink_family_ease, &ink_family_slim, &ink_family_spectral, &ink_family_rp3, &ink_family_item_knn, &ink_family_slope_one,
  &ink_family_user_knn,
  &ink_family_content, &ink_family_content_vectors,
  &ink_family_popular,
};
const uint32_t ink_n_families = INK_COUNT_OF(ink_families);
