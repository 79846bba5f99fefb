/* test_fmath.c - the stated error bounds of fmath.h, ends of the range, and the same bits on every build.
 *
 * Float functions are swept over every 1009th of the 2^32 patterns against the math library's double functions,
 * whose own error is nothing beside a float's ulp. Double functions are swept against the math library with one
 * ulp allowed for it, and held exactly to values of 60 digits (tests/golden/make_fmath.py). */
#include <math.h>

#include "base.h"
#include "fmath.h"
#include "hash.h"
#include "rng.h"
#include "testlib.h"

/* ------------------------------------------------------------------- float */

/* Distance in ulp of a float near `want`; a huge number when one is NaN or infinite and the other not. */
static double ulps_f32(float got, double want) {
  if (isnan(want)) return isnan(got) ? 0.0 : 1e9;
  const double least_infinite = 0x1.ffffffp127; /* from here on the nearest float is infinite */
  if (fabs(want) >= least_infinite) return isinf(got) && (got > 0) == (want > 0) ? 0.0 : 1e9;
  int exponent;
  frexp(want, &exponent);
  const double ulp = ldexp(1.0, (exponent < -125 ? -125 : exponent) - 24);
  return fabs((isinf(got) ? 0x1p128 : (double)got) - want) / ulp;
}

static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static void sweep_f32(const char *name, float (*got)(float), double (*want)(double), double bound) {
  double worst = 0.0;
  float at = 0.0f;
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 1009) {
    const float x = ink_f32_from_bits((uint32_t)bits);
    const double distance = ulps_f32(got(x), want((double)x));
    if (distance > worst) worst = distance, at = x;
  }
  printf("%s: at most %.3f ulp, bound %.2f\n", name, worst, bound);
  if (worst > bound) printf("  at %a: %a\n", (double)at, (double)got(at));
  CHECK(worst <= bound);
  CHECK(worst > bound / 2);                     /* a bound that is not near says nothing */
}

TEST(float_bounds) {
  sweep_f32("exp", ink_exp_f32, exp, 0.90);
  sweep_f32("log", ink_log_f32, log, 0.85);
  sweep_f32("tanh", ink_tanh_f32, tanh, 1.50);
  sweep_f32("sigmoid", ink_sigmoid_f32, sigmoid, 2.50);
  sweep_f32("sqrt", ink_sqrt_f32, sqrt, 0.50);
}

TEST(float_ends) {
  const float infinity = INFINITY, nan = NAN;
  CHECK_EQ_BITS(ink_exp_f32(0.0f), 1.0f);
  CHECK_EQ_BITS(ink_exp_f32(-0.0f), 1.0f);
  CHECK_EQ_BITS(ink_exp_f32(-infinity), 0.0f);
  CHECK_EQ_BITS(ink_exp_f32(infinity), infinity);
  CHECK_EQ_BITS(ink_exp_f32(88.72283f), 0x1.ffff08p127f);
  CHECK_EQ_BITS(ink_exp_f32(88.7228394f), infinity);
  CHECK_EQ_BITS(ink_exp_f32(-103.97f), 0x1p-149f);
  CHECK_EQ_BITS(ink_exp_f32(-103.98f), 0.0f);
  CHECK(isnan(ink_exp_f32(nan)));
  CHECK_EQ_BITS(ink_log_f32(1.0f), 0.0f);
  CHECK_EQ_BITS(ink_log_f32(0.0f), -infinity);
  CHECK_EQ_BITS(ink_log_f32(-0.0f), -infinity);
  CHECK_EQ_BITS(ink_log_f32(infinity), infinity);
  CHECK(isnan(ink_log_f32(-1.0f)) && isnan(ink_log_f32(-infinity)) && isnan(ink_log_f32(nan)));
  CHECK_EQ_BITS(ink_tanh_f32(-0.0f), -0.0f);
  CHECK_EQ_BITS(ink_tanh_f32(infinity), 1.0f);
  CHECK_EQ_BITS(ink_tanh_f32(-infinity), -1.0f);
  CHECK_EQ_BITS(ink_tanh_f32(0x1p-149f), 0x1p-149f);
  CHECK(isnan(ink_tanh_f32(nan)));
  CHECK_EQ_BITS(ink_sigmoid_f32(0.0f), 0.5f);
  CHECK_EQ_BITS(ink_sigmoid_f32(infinity), 1.0f);
  CHECK_EQ_BITS(ink_sigmoid_f32(-infinity), 0.0f);
  CHECK(ink_sigmoid_f32(-100.0f) > 0.0f);       /* 1/(1 + e^100) would be 0 */
  CHECK(isnan(ink_sigmoid_f32(nan)));
}

/* What training and gradients rely on: order is kept, tanh is odd and never above 1. */
TEST(float_shapes) {
  float before_exp = 0.0f, before_tanh = -1.0f, before_sigmoid = 0.0f;
  for (float x = -110.0f; x < 95.0f; x += 0.00317f) {
    const float e = ink_exp_f32(x), t = ink_tanh_f32(x), s = ink_sigmoid_f32(x);
    CHECK(e >= before_exp && t >= before_tanh && s >= before_sigmoid && t <= 1.0f && s <= 1.0f);
    CHECK_EQ_BITS(ink_tanh_f32(-x), -t);
    before_exp = e;
    before_tanh = t;
    before_sigmoid = s;
  }
}

/* ------------------------------------------------------------------ double */

typedef struct exact {
  double x, y, value, rest;       /* the true value is value + rest ulp */
} exact;

static const exact exp_values[] = {
  { -0x1.d235a7fe916f8p-1, 0.0, 0x1.9bf3a4d06d1b4p-2, 0.2953 },
  { -0x1.9e085d0afa804p-2, 0.0, 0x1.55b8af084ca75p-1, 0.1653 },
  { -0x1.f95cf072ad75cp-1, 0.0, 0x1.7d9f9ff1d1535p-2, -0.4649 },
  { 0x1.87b288fa0fe58p-1, 0.0, 0x1.1314a424d700ap+1, -0.1356 },
  { 0x1.c4def7066ac66p-1, 0.0, 0x1.35fdbe17f9dc3p+1, 0.0896 },
  { -0x1.dc22729098018p-3, 0.0, 0x1.95ca5f01c493ap-1, -0.2987 },
  { 0x1.943b8582c207ap-1, 0.0, 0x1.19e60066f4b72p+1, -0.4457 },
  { -0x1.4a2b560d680a0p-1, 0.0, 0x1.0caa115ac23f3p-1, 0.2241 },
  { 0x1.986fb1f766600p-6, 0.0, 0x1.06764780d3d2bp+0, 0.2672 },
  { -0x1.daeae4de1ede2p-1, 0.0, 0x1.95012e4cb8318p-2, 0.3030 },
  { -0x1.363ee9f50f07dp+8, 0.0, 0x1.5423cedd865efp-448, -0.0141 },
  { -0x1.fa8ef8a1bb70ap+8, 0.0, 0x1.2427ba283e18dp-731, 0.0618 },
  { -0x1.494cbd7e561f0p+8, 0.0, 0x1.e4ab9b705d9bap-476, -0.0821 },
  { 0x1.c45773771ca48p+8, 0.0, 0x1.819ba666fae08p+652, -0.4706 },
  { 0x1.c0adecc49aa48p+8, 0.0, 0x1.3cd2e218ebe37p+647, 0.3457 },
  { -0x1.859abfd5f5635p+8, 0.0, 0x1.e439b130abe65p-563, 0.3076 },
  { -0x1.9a32fa15d4d16p+7, 0.0, 0x1.131cb267bee5fp-296, -0.4830 },
  { 0x1.b44c2d2015a70p+5, 0.0, 0x1.9a4d3de64ecf1p+78, 0.0605 },
  { 0x1.559bf15f95df4p+8, 0.0, 0x1.c9905812e47cep+492, 0.1005 },
  { 0x1.98706268c73ccp+7, 0.0, 0x1.8b34bccf59c0fp+294, -0.3148 },
  { -0x1.6226666666666p+9, 0.0, 0x1.19e98b83de7a3p-1022, 0.4064 },
  { 0x1.62d999999999ap+9, 0.0, 0x1.d75ae7a50ee14p+1023, -0.2066 },
  { 0x1.12e0be826d695p-30, 0.0, 0x1.000000044b830p+0, -0.3704 }
};
static const exact log_values[] = {
  { 0x1.82de6cf7700aep+0, 0.0, 0x1.a6d16f21ffc7ap-2, 0.3303 },
  { 0x1.2edc065267a66p-1, 0.0, -0x1.0cd41a5fdc3d1p-1, -0.0902 },
  { 0x1.8a5c5128e4558p+0, 0.0, 0x1.ba755b8aa4674p-2, -0.3181 },
  { 0x1.772d83b2839ebp+0, 0.0, 0x1.87655affbe076p-2, 0.4505 },
  { 0x1.0f8214958ac10p+0, 0.0, 0x1.e1cf363d8eb0bp-5, 0.2364 },
  { 0x1.f5fb77dfa58dfp+0, 0.0, 0x1.58c63c1af7348p-1, 0.4814 },
  { 0x1.ca0c5a4a40095p+0, 0.0, 0x1.29e14edf6ee05p-1, -0.1538 },
  { 0x1.02cb4af038f28p+0, 0.0, 0x1.63b56c5bf8a5ep-7, 0.4130 },
  { 0x1.ff1aa0e9a0c7bp-1, 0.0, -0x1.cb250d19e5368p-10, -0.3528 },
  { 0x1.e665acfbb7fcep+0, 0.0, 0x1.48a04f66c4d5cp-1, 0.4023 },
  { 0x1.1d0e0376e1e36p+457, 0.0, 0x1.3ce03227ae9aap+8, -0.0003 },
  { 0x1.2febe02ed9af9p-90, 0.0, -0x1.f1b177f96adc0p+5, 0.0115 },
  { 0x1.4870ca17fe7d7p-899, 0.0, -0x1.3771f000d4c34p+9, -0.0007 },
  { 0x1.d0135d9e3a7c5p+892, 0.0, 0x1.3570ea760ea2cp+9, -0.0004 },
  { 0x1.151cb140e7d8fp+423, 0.0, 0x1.2547cefa3f7e2p+8, -0.0015 },
  { 0x1.93bc88c2c4bccp+528, 0.0, 0x1.6e6ff2a55fbe8p+8, -0.0002 },
  { 0x1.25345f2f906d6p+622, 0.0, 0x1.af45f30532fa0p+8, -0.0010 },
  { 0x1.6266d4ad5154ep-140, 0.0, -0x1.82dc852bb71d0p+6, -0.0038 },
  { 0x1.ca70141768b6bp+651, 0.0, 0x1.c3d24b50ffd00p+8, 0.0002 },
  { 0x1.9104ce29f50aap+160, 0.0, 0x1.bd68d6381c488p+6, 0.0019 },
  { 0x0.0000000000001p-1022, 0.0, -0x1.74385446d71c3p+9, -0.3890 },
  { 0x1.0000000000001p+0, 0.0, 0x1.fffffffffffffp-53, 0.0000 }
};
static const exact log1p_values[] = {
  { 0x1.0294fe9910a6cp-16, 0.0, 0x1.02947c0114a59p-16, -0.0082 },
  { -0x1.02e8c5e8966e2p-18, 0.0, -0x1.02e8e6a3dc449p-18, 0.0997 },
  { 0x1.1a462251a6eaep-4, 0.0, 0x1.10f8f84acad1ap-4, -0.2325 },
  { 0x1.4825e9d16b8cbp-52, 0.0, 0x1.4825e9d16b8cap-52, 0.1785 },
  { -0x1.2ef425b307005p-51, 0.0, -0x1.2ef425b307006p-51, -0.4005 },
  { -0x1.6b2efbf5f5dbbp-18, 0.0, -0x1.6b2f3c5dcdfb9p-18, -0.3012 },
  { -0x1.0dc3b7a7c57d3p-17, 0.0, -0x1.0dc3feb917d9bp-17, 0.2126 },
  { 0x1.a3048bfee1aebp-29, 0.0, 0x1.a3048bf42a4f2p-29, 0.4359 },
  { -0x1.4150506390ce2p-35, 0.0, -0x1.41505063aa02dp-35, 0.4891 },
  { -0x1.1f363b0eefde8p-8, 0.0, -0x1.1fd7d147fad24p-8, 0.3276 },
  { -0x1.963b1225fa7d4p-41, 0.0, -0x1.963b1225fb1e6p-41, -0.4909 },
  { 0x1.79975fedac505p-58, 0.0, 0x1.79975fedac505p-58, -0.0170 },
  { -0x1.1c7ed8ad68390p-53, 0.0, -0x1.1c7ed8ad68390p-53, -0.3088 },
  { 0x1.afdfe021a89d7p-16, 0.0, 0x1.afde73d976133p-16, -0.2897 },
  { 0x1.376889b508228p+63, 0.0, 0x1.5ee9e1b1a411bp+5, 0.0030 },
  { 0x1.ddb98278edc94p+41, 0.0, 0x1.d0afaef815ed8p+4, -0.3952 },
  { 0x1.a1c0d5776a502p+63, 0.0, 0x1.61438e1bede44p+5, 0.0078 },
  { 0x1.05b65cbb3acd2p+17, 0.0, 0x1.79c74bb7b7c0ap+3, -0.1638 },
  { 0x1.e446ae8fabf48p+8, 0.0, 0x1.8bd26b7c8363ep+2, 0.1666 },
  { 0x1.2c562964a5cd0p+42, 0.0, 0x1.d459bc14427bep+4, -0.4473 }
};
static const exact log2_values[] = {
  { 0x1.ecf41df834e9bp-1, 0.0, -0x1.c0097289d6041p-5, 0.0120 },
  { 0x1.52982694e2fb3p-1, 0.0, -0x1.3173b6fb1c98bp-1, -0.4369 },
  { 0x1.ea922f18d92aep-1, 0.0, -0x1.f94c0a693131dp-5, -0.3762 },
  { 0x1.29c03112fabdbp-1, 0.0, -0x1.90675f8141088p-1, -0.4249 },
  { 0x1.a116f5f08094bp+0, 0.0, 0x1.688eb774a374ap-1, -0.1931 },
  { 0x1.5ba91b272accep+0, 0.0, 0x1.c421eb8bbab87p-2, -0.0283 },
  { 0x1.c68c8460431b8p+0, 0.0, 0x1.a815d8dceb9a9p-1, 0.2577 },
  { 0x1.c71f5dc4f64cap+0, 0.0, 0x1.a9045517d1108p-1, -0.2877 },
  { 0x1.574653ad25b33p+396, 0.0, 0x1.8c6c5821b1782p+8, -0.0936 },
  { 0x1.2caadee5e54a2p-574, 0.0, -0x1.1ee24d01acf83p+9, 0.4574 },
  { 0x1.fc9b477a4b94fp+302, 0.0, 0x1.2efd8b43b85f5p+8, -0.2131 },
  { 0x1.5e15e1f188aebp-247, 0.0, -0x1.ed18ccae36e38p+7, 0.0309 },
  { 0x1.60213c3b6d862p-842, 0.0, -0x1.a4c51fe98370dp+9, -0.0370 },
  { 0x1.90222e1df3b3dp+141, 0.0, 0x1.1b49e6a071226p+7, -0.1176 },
  { 0x1.b6dbdf2b31cdep+435, 0.0, 0x1.b3c711a9ca567p+8, 0.3207 },
  { 0x1.caa001ffb753fp+646, 0.0, 0x1.436bab802c1f4p+9, -0.2325 },
  { 0x1.8000000000000p+1, 0.0, 0x1.95c01a39fbd68p+0, 0.4765 },
  { 0x1.4000000000000p+2, 0.0, 0x1.2934f0979a371p+1, 0.3742 },
  { 0x1.8000000000000p+2, 0.0, 0x1.4ae00d1cfdeb4p+1, 0.2382 },
  { 0x1.c000000000000p+2, 0.0, 0x1.675767f54042dp+1, -0.1500 },
  { 0x1.4000000000000p+3, 0.0, 0x1.a934f0979a371p+1, 0.3742 },
  { 0x1.6000000000000p+3, 0.0, 0x1.bacea7c065d42p+1, -0.1259 },
  { 0x1.9400000000000p+6, 0.0, 0x1.aa20230e1151fp+2, 0.1084 }
};
static const exact pow_values[] = {
  { 0x1.85b4600000000p+19, 0x1.d664f34ce7320p-2, 0x1.01283e775a9bap+9, -0.2026 },
  { 0x1.bd84800000000p+17, 0x1.0763b177b3843p+0, 0x1.3e0d1fe128afep+18, -0.4336 },
  { 0x1.9b95e00000000p+19, 0x1.c51576bd5cf9cp-2, 0x1.a2bf81cc484aep+8, -0.3510 },
  { 0x1.2735000000000p+18, 0x1.7299be7f4fd60p-5, 0x1.c513617f65d52p+0, 0.2703 },
  { 0x1.9978200000000p+19, 0x1.8c443c55a282dp+0, 0x1.5ff759a9c71f0p+30, 0.3942 },
  { 0x1.af2d400000000p+18, 0x1.a0d16de1c6a40p-1, 0x1.33d8feafcb287p+15, 0.2692 },
  { 0x1.9359800000000p+18, 0x1.e8fa0afce8c54p-1, 0x1.c2ffd945dec3ep+17, -0.4240 },
  { 0x1.0bff400000000p+18, 0x1.858a421b3fa18p+0, 0x1.678e90cf7987cp+27, -0.3735 },
  { 0x1.11de000000000p+15, 0x1.f1b8025a1231cp+0, 0x1.46d75171e4533p+29, 0.0551 },
  { 0x1.d617c00000000p+19, 0x1.859ecb5b09c80p-1, 0x1.1752bc0b05514p+15, 0.2988 },
  { 0x1.a843c00000000p+19, 0x1.25437677f83adp+0, 0x1.842c9bedb192ap+22, 0.3518 },
  { 0x1.9afc000000000p+19, 0x1.c126cf7ca21c0p-6, 0x1.741c6454b6926p+0, 0.1349 },
  { 0x1.2815c00000000p+18, 0x1.5b576702be2e2p+0, 0x1.a1f3986002cdfp+24, -0.2787 },
  { 0x1.5283800000000p+17, 0x1.c295e1c1854e2p+0, 0x1.8c7d15335b24bp+30, -0.3066 },
  { 0x1.32bfe00000000p+19, 0x1.3c8b81ad2db30p-1, 0x1.e066dbe1726f0p+11, -0.1430 },
  { 0x1.2544000000000p+19, 0x1.cd426ad8497b2p+0, 0x1.80a3f3f8d1d5fp+34, -0.4645 },
  { 0x1.dfbf000000000p+18, 0x1.754c0d64dab46p+0, 0x1.7bb606d770aeep+27, 0.1968 },
  { 0x1.09c6800000000p+17, 0x1.a4ba818374a97p+0, 0x1.04fdb71c39ba9p+28, -0.1220 },
  { 0x1.0cd9c00000000p+18, 0x1.148a359c46ad6p-1, 0x1.b19d65359121ap+9, 0.4413 },
  { 0x1.9d94600000000p+19, 0x1.e28114c1a510bp+0, 0x1.1546306447f58p+37, -0.0406 },
  { 0x1.21f54bc979aa9p-61, 0x1.0ff7b24c46b30p+3, 0x1.104f6b0964545p-517, 0.3284 },
  { 0x1.ca9fe214b498ep-202, -0x1.9c67ed9c20c06p+1, 0x1.15d0f8c154386p+648, -0.4058 },
  { 0x1.ddf2cb8ac9584p+189, 0x1.4bbad58633a57p+0, 0x1.0e0bfc84b1024p+246, -0.1703 },
  { 0x1.94f55fbaa3413p+286, 0x1.136e76c52c6f6p-1, 0x1.2829508e077a4p+154, -0.3970 },
  { 0x1.04972167e9380p-372, 0x1.a9910612805b5p+0, 0x1.8f4b064ed5145p-619, 0.0708 },
  { 0x1.5b2168a1719e6p-353, 0x1.2ee8b809f0376p+1, 0x1.983e6ffcd14a6p-835, -0.2919 },
  { 0x1.6884c2ea61718p+378, -0x1.3d196a2f164dfp+1, 0x1.449c668f0bda1p-938, 0.4710 },
  { 0x1.65d5bdd14996ap+27, -0x1.0d3194965d6e1p+5, 0x1.28e095e890dc1p-925, 0.1218 },
  { 0x1.871de0b9553a6p+21, -0x1.e4a161139113bp+3, 0x1.a029648a170efp-328, 0.4335 },
  { 0x1.2017d4c71438bp-188, -0x1.ccd6cceef92eep-1, 0x1.0b0d68348819ap+169, 0.0955 }
};

static double ulp_of(double want) {
  int exponent;
  frexp(want, &exponent);
  return ldexp(1.0, (exponent < -1021 ? -1021 : exponent) - 53);
}

static void check_exact(const char *name, const exact *table, size_t n, double (*got)(double, double), double bound) {
  double worst = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double y = got(table[i].x, table[i].y);
    const double distance = fabs((y - table[i].value) / ulp_of(table[i].value) - table[i].rest);
    if (distance > worst) worst = distance;
    if (distance > bound) printf("%s(%a, %a) is %a, not %a\n", name, table[i].x, table[i].y, y, table[i].value);
  }
  CHECK(worst <= bound);
}

static double one_exp(double x, double y) { (void)y; return ink_exp_f64(x); }
static double one_log(double x, double y) { (void)y; return ink_log_f64(x); }
static double one_log1p(double x, double y) { (void)y; return ink_log1p_f64(x); }
static double one_log2(double x, double y) { (void)y; return ink_log2_f64(x); }

TEST(double_values) {
  double largest_power = 0.0;
  for (size_t i = 20; i < INK_COUNT_OF(pow_values); i++) largest_power = fmax(largest_power, fabs(pow_values[i].y));
  check_exact("exp", exp_values, INK_COUNT_OF(exp_values), one_exp, 0.85);
  check_exact("log", log_values, INK_COUNT_OF(log_values), one_log, 0.90);
  check_exact("log1p", log1p_values, INK_COUNT_OF(log1p_values), one_log1p, 1.50);
  check_exact("log2", log2_values, INK_COUNT_OF(log2_values), one_log2, 0.85);
  /* 1 + |y|/8: n^nu with nu < 2, as regularization uses it; then what the largest |y| of the table allows */
  check_exact("pow", pow_values, 20, ink_pow_f64, 1.25);
  check_exact("pow", pow_values + 20, INK_COUNT_OF(pow_values) - 20, ink_pow_f64, 1.0 + largest_power / 8.0);
}

static void compare(const char *name, double x, double y, double got, double want, double bound) {
  if (isinf(want) ? got == want : fabs(got - want) <= (bound + 1.0) * ulp_of(want)) return;
  printf("%s(%a, %a) is %a, the math library's %a\n", name, x, y, got, want);
  test_failed_checks++;
}

TEST(double_sweeps) {
  ink_rng rng;
  ink_rng_seed(&rng, 5, 0);
  for (int i = 0; i < 200000; i++) {
    const double u = ink_rng_f64(&rng), v = ink_rng_f64(&rng);
    const double wide = exp(1400.0 * u - 700.0), near = 1.0 + (u - 0.5) * exp(-30.0 * v), power = (2.0 * v - 1.0) * 700.0;
    compare("exp", power, 0, ink_exp_f64(power), exp(power), 0.85);
    compare("exp", u, 0, ink_exp_f64(u), exp(u), 0.85);
    compare("log", wide, 0, ink_log_f64(wide), log(wide), 0.90);
    compare("log", near, 0, ink_log_f64(near), log(near), 0.90);
    compare("log1p", near - 1.0, 0, ink_log1p_f64(near - 1.0), log1p(near - 1.0), 1.50);
    compare("log2", wide, 0, ink_log2_f64(wide), log2(wide), 0.85);
    compare("log2", near, 0, ink_log2_f64(near), log2(near), 0.85);
    const double y = power / log(near);
    compare("pow", near, y, ink_pow_f64(near, y), pow(near, y), 1.0 + fabs(y) / 8.0);
  }
}

TEST(double_ends) {
  const double infinity = (double)INFINITY, nan = (double)NAN;
  CHECK(ink_exp_f64(0.0) == 1.0 && ink_exp_f64(-infinity) == 0.0 && ink_exp_f64(infinity) == infinity);
  CHECK(ink_exp_f64(709.8) == infinity && ink_exp_f64(-745.2) == 0.0 && ink_exp_f64(-745.1) == 0x1p-1074);
  CHECK(isnan(ink_exp_f64(nan)));
  CHECK(ink_log_f64(1.0) == 0.0 && ink_log_f64(0.0) == -infinity && ink_log_f64(infinity) == infinity);
  CHECK(isnan(ink_log_f64(-1.0)) && isnan(ink_log_f64(nan)));
  CHECK(ink_log1p_f64(0.0) == 0.0 && ink_log1p_f64(0x1p-60) == 0x1p-60 && ink_log1p_f64(-1.0) == -infinity);
  CHECK(ink_log1p_f64(infinity) == infinity && isnan(ink_log1p_f64(-1.5)) && isnan(ink_log1p_f64(nan)));
  for (int k = -1074; k < 1024; k++) CHECK(ink_log2_f64(ldexp(1.0, k)) == (double)k);
  CHECK(ink_log2_f64(0.0) == -infinity && ink_log2_f64(infinity) == infinity && isnan(ink_log2_f64(-2.0)));
  CHECK(ink_pow_f64(0.0, 0.0) == 1.0 && ink_pow_f64(0.0, 2.0) == 0.0 && ink_pow_f64(0.0, -2.0) == infinity);
  CHECK(ink_pow_f64(1.0, nan) == 1.0 && ink_pow_f64(7.0, 0.0) == 1.0 && ink_pow_f64(7.0, 1.0) == 7.0);
  CHECK(ink_pow_f64(infinity, 0.5) == infinity && ink_pow_f64(infinity, -0.5) == 0.0);
  CHECK(ink_pow_f64(2.0, 1e300) == infinity && ink_pow_f64(2.0, -1e300) == 0.0 && ink_pow_f64(0.5, 1e300) == 0.0);
  CHECK(isnan(ink_pow_f64(-8.0, 2.0)) && isnan(ink_pow_f64(nan, 1.0)) && isnan(ink_pow_f64(2.0, nan)));
  CHECK(ink_pow_f64(10.0, 3.0) == 1000.0 && ink_pow_f64(3.0, 4.0) == 81.0 && ink_pow_f64(2.0, -1074.0) == 0x1p-1074);
}

/* -------------------------------------------------------------- every build */

/* One digest of many results, the same wherever this test runs. NaN patterns are left out. */
TEST(same_bits_on_every_build) {
  uint64_t digest = 0;
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 1000003) {
    const float x = ink_f32_from_bits((uint32_t)bits);
    const float y[4] = { ink_exp_f32(x), ink_log_f32(x), ink_tanh_f32(x), ink_sigmoid_f32(x) };
    for (int i = 0; i < 4; i++) {
      if (!isnan(y[i])) digest = ink_hash64(&y[i], sizeof y[i], digest);
    }
  }
  ink_rng rng;
  ink_rng_seed(&rng, 6, 0);
  for (int i = 0; i < 10000; i++) {
    const double u = ink_rng_f64(&rng), x = ink_exp_f64(100.0 * u - 50.0), z = ink_rng_normal(&rng);
    const double y[5] = { x, ink_log_f64(x), ink_log2_f64(x), ink_log1p_f64(x), ink_pow_f64(x, z) };
    digest = ink_hash64(y, sizeof y, digest);
  }
  CHECK(digest == 0x5a54a0fee739e106u);
  if (test_failed_checks) printf("digest 0x%016llx\n", (unsigned long long)digest);
}

TEST_MAIN(T(float_bounds), T(float_ends), T(float_shapes), T(double_values), T(double_sweeps), T(double_ends), T(same_bits_on_every_build))
