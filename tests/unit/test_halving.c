/* test_halving.c - shares of rounds, and that the people of a small round are among those of every larger one.
 * needs: cli */
#define _POSIX_C_SOURCE 200809L
#include "hosted.h"
#include "halving.h"
#include "split.h"
#include "testlib.h"

#define PEOPLE 900

/* Person u with u % 5 + 1 items. */
static void read_people(hosted *h, ink_dataset *d) {
  static char text[PEOPLE * 5 * 16];
  size_t n = (size_t)sprintf(text, "user,item\n");
  for (int u = 0; u < PEOPLE; u++)
    for (int i = 0; i <= u % 5; i++) n += (size_t)sprintf(text + n, "u%d,i%d\n", u, (u + i) % 40);
  hosted_text t = { text, n, 0, 4096 };
  const ink_read_options options = { .format = INK_FORMAT_CSV };
  ink_dataset_init(d, &h->env.allocator);
  CHECK_EQ(ink_dataset_read(d, &(ink_source){ &t, hosted_text_read, "events.csv", 0 }, &options, NULL, &h->env), INK_OK);
}

TEST(the_last_round_is_everybody_and_each_before_it_a_third) {
  CHECK_EQ(cli_halving_share(3, 3, 2) == 1.0, true);
  CHECK_EQ(cli_halving_share(3, 1, 0) == 1.0, true);
  CHECK_EQ(cli_halving_share(4, 3, 0) == 0.0625, true);
  CHECK_EQ(cli_halving_left(27, 3), 9u);
  CHECK_EQ(cli_halving_left(10, 3), 4u);
  CHECK_EQ(cli_halving_left(1, 3), 1u);
}

TEST(people_come_whole_and_nested) {
  hosted h;
  ink_dataset d, third, ninth, all;
  hosted_init(&h);
  read_people(&h, &d);
  CHECK_EQ(cli_halving_people(&d, NULL, 1.0, 7, &h.env, &all), INK_OK);
  CHECK_EQ(cli_halving_people(&d, NULL, 1.0 / 3, 7, &h.env, &third), INK_OK);
  CHECK_EQ(cli_halving_people(&d, NULL, 1.0 / 9, 7, &h.env, &ninth), INK_OK);
  uint32_t n_third = 0, n_ninth = 0, n_lost = 0, n_cut = 0;
  for (uint32_t u = 0; u < d.users.n; u++) {
    const uint64_t n = ink_dataset_user_events(&d, u), in_third = ink_dataset_user_events(&third, u), in_ninth = ink_dataset_user_events(&ninth, u);
    n_third += in_third > 0;
    n_ninth += in_ninth > 0;
    n_lost += in_ninth > 0 && in_third == 0;
    n_cut += (in_third > 0 && in_third != n) || (in_ninth > 0 && in_ninth != n);
  }
  CHECK_EQ(all.n_events, d.n_events);
  CHECK_EQ(n_lost, 0u);
  CHECK_EQ(n_cut, 0u);
  CHECK_EQ(n_third > PEOPLE / 3 - 60 && n_third < PEOPLE / 3 + 60, true);      /* four deviations of 900 lots */
  CHECK_EQ(n_ninth > PEOPLE / 9 - 40 && n_ninth < PEOPLE / 9 + 40, true);
  ink_dataset_free(&all);
  ink_dataset_free(&third);
  ink_dataset_free(&ninth);
  ink_dataset_free(&d);
}

TEST(what_is_held_back_stays_out) {
  hosted h;
  ink_dataset d, kept;
  hosted_init(&h);
  read_people(&h, &d);
  uint8_t *parts = calloc(d.n_events, 1);
  for (uint64_t e = 0; e < d.n_events; e += 2) parts[e] = INK_PART_TEST;
  CHECK_EQ(cli_halving_people(&d, parts, 1.0, 7, &h.env, &kept), INK_OK);
  CHECK_EQ(kept.n_events, d.n_events / 2);
  ink_dataset_free(&kept);
  free(parts);
  ink_dataset_free(&d);
}

TEST_MAIN(T(the_last_round_is_everybody_and_each_before_it_a_third), T(people_come_whole_and_nested), T(what_is_held_back_stays_out))
