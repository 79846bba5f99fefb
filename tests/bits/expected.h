/* expected.h - the digests of bits.c, the same on every build. Written by `bits print`. */
#ifndef INK_EXPECTED_H
#define INK_EXPECTED_H

#include <stdint.h>

static const struct { const char *name; uint64_t digest; } expected[] = {
  { "popular", 0x3a07a2f66447c1edu },
  { "als-f32-64", 0xdd127389114b8532u },
  { "als-f32-29", 0xa711df7a893b0433u },
  { "als-f32-33-copy", 0xed1967d8b07fe336u },
  { "als-f16-24", 0xc5fb9cc3f840e266u },
  { "als-bf16-31", 0x5ad437bdef7c1628u },
  { "als-i8-64", 0x371d9dfee20d9b62u },
  { "als-i8-13", 0xb08286dd87e3840du },
  { "als-explicit-f32-50", 0x29714db68e4098d5u },
  { "als-explicit-f32-20-copy", 0xb77c5ee88ccc2f3bu },
  { "als-explicit-i8-40", 0x01174f1811d742e9u },
  { "item_knn-i8", 0x0461a541cc5b4188u },
  { "slope_one-f32", 0x4b68062a91c105a6u },
  { "ease-f32", 0x8b5ac41b5e2037abu },
  { "user_knn-i8", 0x89bde39d735014cfu },
  { "user_knn-ratings", 0x7a8a2ffea805ceefu },
  { "content-i8", 0x9594d8566c9c45d4u },
  { "content-ratings", 0x36daf290b733f4beu },
  { "svd-f32-30", 0x1acb7245da03e15fu },
  { "svdpp-f32-15", 0x63fbe6dc6e635807u },
  { "nmf-f32-17", 0x984ac50ed1befd32u },
  { "pure_svd-f32-33-copy", 0x2e686b7a34e1ad43u },
  { "bpr-f32-31", 0xcf7e76f5a64a2833u },
  { "simplex-f32-20", 0xa12265f59c52d256u },
  { "lstm-21-copy", 0x8cd2e2b9fa86858bu },
  { "gru-40", 0x7c3560850cb816eeu },
  { "hybrid-24", 0x83ba7c5fd4527a25u },
  { "hybrid-explicit-i8-18", 0xea5e67bd08f2d20cu },
};

#endif
