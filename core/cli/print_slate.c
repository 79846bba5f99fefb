/* print_slate.c - see print_slate.h. */
#include "print_slate.h"

static void print_event(const cli_pack *pack, const ink_reason *reason, const cli_person *person) {
  const ink_text title = cli_item_title(pack->pack, reason->item);
  const bool known = person != NULL && reason->event >= 1 && reason->event <= person->n;
  fputs(known ? "your " : "", stdout);
  if (known) cli_print_text(stdout, person->events[reason->event - 1].kind, 0);
  fputs(known ? " of " : "", stdout);
  cli_print_text(stdout, title, 0);
}

/* Rounding that the digits shown would not show says nothing to a person; --json has it. */
static bool is_nothing(const ink_reason *reason) {
  return reason->kind == INK_REASON_REST && reason->weight < 0.00005 && reason->weight > -0.00005;
}

static void print_reason(const cli_pack *pack, const ink_engine *engine, const ink_slate_item *item, const ink_reason *reason,
                         const cli_person *person) {
  if (is_nothing(reason)) return;
  printf("      %+.4f  ", reason->weight);
  switch (reason->kind) {
    case INK_REASON_EVENT: print_event(pack, reason, person); break;
    case INK_REASON_OTHERS: printf("%llu further", (unsigned long long)reason->event); break;
    case INK_REASON_TERM: cli_print_text(stdout, ink_engine_term(engine, item->family, (uint32_t)reason->event), 0); break;
    case INK_REASON_BASE: fputs("what no event caused: how the item does with everybody", stdout); break;
    case INK_REASON_PERSON: fputs("your own level", stdout); break;
    default: fputs("the rest: rounding", stdout); break;
  }
  fputc('\n', stdout);
}

static void print_item(const cli_pack *pack, const ink_engine *engine, const ink_slate_item *item, uint32_t position) {
  const ink_text id = ink_pack_item_id(pack->pack, item->item), title = cli_item_title(pack->pack, item->item);
  const char *family = ink_engine_family_name(engine, item->family);
  printf("%3u. ", position + 1);
  cli_print_text(stdout, title, 48);
  printf(" %10.5g  %-8s", (double)item->score, family == NULL ? "" : family);
  if (title.bytes != id.bytes) {
    fputc(' ', stdout);
    cli_print_text(stdout, id, 0);
  }
  fputc('\n', stdout);
}

void cli_print_slate(const cli_pack *pack, const ink_engine *engine, const ink_slate *slate, const cli_person *person, bool explain) {
  for (uint32_t i = 0; i < slate->n_items; i++) {
    const ink_slate_item *item = &slate->items[i];
    print_item(pack, engine, item, i);
    for (uint32_t k = 0; explain && k < item->n_reasons; k++) print_reason(pack, engine, item, &slate->reasons[item->reasons_first + k], person);
  }
  if (slate->n_items == 0) printf("nothing to recommend: no item passes\n");
}
