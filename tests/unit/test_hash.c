/* test_hash.c - CRC-32C and XXH64 against other implementations (tests/golden/make_hashes.py), and
 * what tables rely on. */
#include "base.h"
#include "hash.h"
#include "testlib.h"

#define SEED 0x9e3779b97f4a7c15u

typedef struct known {
  uint32_t n;
  uint64_t hash, seeded;
  uint32_t crc;
} known;

static const known table[] = {
  {   0, 0xef46db3751d8e999u, 0xc4349fc93c010000u, 0x00000000u },
  {   1, 0xe934a84adb052768u, 0x126bb57a12364aa5u, 0x527d5351u },
  {   3, 0x28823e205e353f69u, 0x3c78e47f8d9d625fu, 0xd74810c7u },
  {   4, 0x91b65bbe720c34cfu, 0x4fb638bfcfa1c0ccu, 0x665ee32bu },
  {   7, 0xe2400cdea02ee3c5u, 0x037801de732c7eb3u, 0x6ac1e45eu },
  {   8, 0x521fd2878ea69d17u, 0x87c89248cf142c8bu, 0x6ecc0968u },
  {  14, 0x3c0f9385dd1c6e8du, 0x810bfcf47b95fb26u, 0x1879fcf4u },
  {  31, 0xb74baa9042b94deeu, 0x2c8fa6d44ca89e82u, 0x3c0e0956u },
  {  32, 0x4e13111ced6f735du, 0x3a5e73ddfe641a94u, 0x28f85e79u },
  {  33, 0xf7b9faf20b3bce63u, 0xdccfc8b6e6f78f10u, 0x5255ab0fu },
  {  63, 0x35f935e6044a08adu, 0xb3fcaa593c0c5edfu, 0xc29b9f08u },
  {  64, 0xcd91daec2c21766fu, 0xb43fbd19c995f89fu, 0x3c4fbd5bu },
  { 100, 0xd61ea92c5ae13676u, 0x9173a732d3c67513u, 0x6f4d022cu },
  { 101, 0x18510f4da43142cbu, 0x83d68679059f201eu, 0x238a4a5eu }
};

static uint8_t data[101];

static void fill_data(void) {
  for (uint32_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)((uint64_t)i * 2654435761u >> 13);
}

TEST(crc32c) {
  fill_data();
  for (size_t t = 0; t < INK_COUNT_OF(table); t++) CHECK_EQ(ink_crc32c(0, data, table[t].n), table[t].crc);
  CHECK_EQ(ink_crc32c(0, "123456789", 9), 0xe3069283u); /* the check value of RFC 3720 */
}

TEST(crc32c_in_pieces) {
  fill_data();
  const uint32_t whole = ink_crc32c(0, data, sizeof data);
  for (size_t cut = 0; cut <= sizeof data; cut++) {
    CHECK_EQ(ink_crc32c(ink_crc32c(0, data, cut), data + cut, sizeof data - cut), whole);
  }
}

TEST(crc32c_sees_every_flipped_bit) {
  fill_data();
  const uint32_t whole = ink_crc32c(0, data, sizeof data);
  for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
    data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    CHECK(ink_crc32c(0, data, sizeof data) != whole);
    data[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
}

TEST(hash64) {
  fill_data();
  for (size_t t = 0; t < INK_COUNT_OF(table); t++) {
    CHECK(ink_hash64(data, table[t].n, 0) == table[t].hash);
    CHECK(ink_hash64(data, table[t].n, SEED) == table[t].seeded);
  }
}

/* Any address will do: the bytes are read one by one. */
TEST(hash64_at_any_offset) {
  uint8_t moved[sizeof data + 8];
  fill_data();
  for (size_t offset = 0; offset < 8; offset++) {
    memcpy(moved + offset, data, sizeof data);
    CHECK(ink_hash64(moved + offset, 101, 0) == table[INK_COUNT_OF(table) - 1].hash);
  }
}

TEST(hash_u64) {
  CHECK(ink_hash_u64(0x9e3779b97f4a7c15u) == 0xe220a8397b1dcdafu); /* first output of SplitMix64 seeded with 0 */
  CHECK(ink_hash_u64(0) == 0);
  CHECK(ink_hash_u64(1) != ink_hash_u64(2));
}

TEST_MAIN(T(crc32c), T(crc32c_in_pieces), T(crc32c_sees_every_flipped_bit), T(hash64), T(hash64_at_any_offset), T(hash_u64))
