/* fmath_f32.h - the numbers in ink_exp_f32 and ink_tanh_f32. fmath.c works with them on one float, core/kernel on eight:
 * the same numbers in the same order give the same bits. Others use fmath.h. */
#ifndef INK_FMATH_F32_H
#define INK_FMATH_F32_H

#define INK_ROUND_F32 0x1.8p23f                 /* added and taken away: what remains is whole */
#define INK_INV_LN2_F32 0x1.715476p0f
#define INK_LN2_HI_F32 0x1.62e4p-1f             /* 15 bits: a product with |k| <= 256 is exact */
#define INK_LN2_LO_F32 0x1.7f7d1cp-20f

/* Past these ends e^x is 0 or infinite. */
#define INK_EXP_LEAST -104.0f
#define INK_EXP_MOST 89.0f
/* e^r = 1 + r + r^2 p(r), highest power first; |r| <= ln2 / 2 */
#define INK_EXP_TERMS { 0x1.a124f2p-13f, 0x1.6d4324p-10f, 0x1.1110e0p-7f, 0x1.5554eap-5f, 0x1.555556p-3f, 0.5f }

/* tanh y = y + y z p(z), z = y^2, below this; from there on 1 - 2 / (e^2y + 1) */
#define INK_TANH_NEAR 0.625f
#define INK_TANH_TERMS { 0x1.2c83c0p-9f, -0x1.116a16p-7f, 0x1.64a976p-6f, -0x1.ba08c4p-5f, 0x1.1110eap-3f, -0x1.555556p-2f }

#endif
