/* trainers.c - the families that can be trained, in the order in which help lists them. */
#include "fit_als.h"
#include "fit_content.h"
#include "fit_content_vectors.h"
#include "fit_ease.h"
#include "fit_item_knn.h"
#include "fit_item2vec.h"
#include "fit_neighbours.h"
#include "fit_nmf.h"
#include "fit_pairwise.h"
#include "fit_popular.h"
#include "fit_pure_svd.h"
#include "fit_recurrent.h"
#include "fit_simplex.h"
#include "fit_slim.h"
#include "fit_spectral.h"
#include "fit_svd.h"
#include "fit_user_knn.h"
#include "train.h"
#include "base.h"

const ink_trainer *const ink_trainers[] = { &ink_trainer_als, &ink_trainer_svd, &ink_trainer_svdpp, &ink_trainer_nmf, &ink_trainer_pure_svd,
                                            &ink_trainer_item_knn, &ink_trainer_knn_baseline, &ink_trainer_user_knn,
                                            &ink_trainer_rp3, &ink_trainer_slope_one,
                                            &ink_trainer_ease, &ink_trainer_slim, &ink_trainer_spectral,
                                            &ink_trainer_bpr, &ink_trainer_warp, &ink_trainer_simplex, &ink_trainer_item2vec,
                                            &ink_trainer_content, &ink_trainer_content_vectors, &ink_trainer_popular, &ink_trainer_lstm, &ink_trainer_gru };
const uint32_t ink_n_trainers = (uint32_t)INK_COUNT_OF(ink_trainers);
