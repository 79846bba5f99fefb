/* test_sha256.c - SHA-256 against FIPS 180-4's examples and Python's hashlib (tests/golden/make_hashes.py). */
#include "base.h"
#include "sha256.h"
#include "testlib.h"

typedef struct known {
  uint32_t n;
  const char *hex;
} known;

/* The bytes 0, 1, 2 ... n-1: every way in which the padding can fall. */
static const known table[] = {
  {   0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  {  55, "463eb28e72f82e0a96c0a4cc53690c571281131f672aa229e0d45ae59b598b59" },
  {  56, "da2ae4d6b36748f2a318f23e7ab1dfdf45acdc9d049bd80e59de82a60895f562" },
  {  57, "2fe741af801cc238602ac0ec6a7b0c3a8a87c7fc7d7f02a3fe03d1c12eac4d8f" },
  {  63, "29af2686fd53374a36b0846694cc342177e428d1647515f078784d69cdb9e488" },
  {  64, "fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108" },
  {  65, "4bfd2c8b6f1eec7a2afeb48b934ee4b2694182027e6d0fc075074f2fabb31781" },
  { 119, "da18797ed7c3a777f0847f429724a2d8cd5138e6ed2895c3fa1a6d39d18f7ec6" },
  { 120, "f52b23db1fbb6ded89ef42a23ce0c8922c45f25c50b568a93bf1c075420bbb7c" },
  { 127, "92ca0fa6651ee2f97b884b7246a562fa71250fedefe5ebf270d31c546bfea976" },
  { 128, "471fb943aa23c511f6f72f8d1652d9c880cfa392ad80503120547703e56a2be5" }
};

static void check_hex(const uint8_t digest[INK_SHA256_BYTES], const char *want) {
  char hex[INK_SHA256_HEX + 1] = { 0 };
  ink_sha256_hex(digest, hex);
  CHECK(strcmp(hex, want) == 0);
}

TEST(examples_of_the_standard) {
  uint8_t digest[INK_SHA256_BYTES];
  ink_sha256_of("abc", 3, digest);
  check_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ink_sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, digest);
  check_hex(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(a_million_letters) {
  ink_sha256 s;
  uint8_t digest[INK_SHA256_BYTES], letters[1000];
  memset(letters, 'a', sizeof letters);
  ink_sha256_init(&s);
  for (uint32_t i = 0; i < 1000; i++) ink_sha256_update(&s, letters, sizeof letters);
  ink_sha256_final(&s, digest);
  check_hex(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(every_padding) {
  uint8_t data[128], digest[INK_SHA256_BYTES];
  for (uint32_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)i;
  for (size_t t = 0; t < INK_COUNT_OF(table); t++) {
    ink_sha256_of(data, table[t].n, digest);
    check_hex(digest, table[t].hex);
  }
}

TEST(pieces_of_every_size) {
  uint8_t data[300], whole[INK_SHA256_BYTES], pieces[INK_SHA256_BYTES];
  for (uint32_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7);
  ink_sha256_of(data, sizeof data, whole);
  for (size_t step = 1; step <= sizeof data; step++) {
    ink_sha256 s;
    ink_sha256_init(&s);
    for (size_t at = 0; at < sizeof data; at += step) ink_sha256_update(&s, data + at, ink_min_size(step, sizeof data - at));
    ink_sha256_update(&s, data, 0);
    ink_sha256_final(&s, pieces);
    CHECK(memcmp(whole, pieces, sizeof whole) == 0);
  }
}

TEST_MAIN(T(examples_of_the_standard), T(a_million_letters), T(every_padding), T(pieces_of_every_size))
