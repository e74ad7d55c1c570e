/* The quantizers of one variant. lanes.c includes this file once per variant, having defined NAME, TARGET, WIDTH, Lanes
 * (WIDTH floats), Mask (WIDTH 32-bit integers), LEAST(a, b) = a < b ? a : b, MOST(a, b) = a > b ? a : b, CONTRACTED
 * (the places where the library has fused operations) and FUSED(a, b, c), the fused a * b + c.
 *
 * What llama.cpp's ggml-quants.c does to one sub-block after another is done here to sixteen at once: every sub-block
 * is a lane, and within a lane the operations come in the order of the scalar code, so that each sum is rounded as it
 * is there.
 *
 * A lane is sound while its arithmetic stays ordinary: finite values, a range to divide by, levels that the trick of
 * `nearest` can round. A super-block with an unsound lane is left to the library.
 */

#define INLINE static inline __attribute__((always_inline)) TARGET
#define EACH_PART for (int p = 0; p < PARTS; p++)
#define PARTS (16 / WIDTH)
#define ALL(value) ((Lanes){0} + (float)(value))
#define MAGNITUDE(value) ((Lanes)((Mask)(value) & 0x7fffffff))

INLINE Lanes NAME(choose)(Mask mask, Lanes yes, Lanes no) {
    return (Lanes)((mask & (Mask)yes) | (~mask & (Mask)no));
}

/* a * b + c: rounded once where the variant stands for a compiler that contracts this place, else twice. */
INLINE Lanes NAME(madd)(int place, Lanes a, Lanes b, Lanes c) {
    return CONTRACTED & place ? FUSED(a, b, c) : a * b + c;
}

INLINE float NAME(scalar_madd)(int place, float a, float b, float c) {
    return CONTRACTED & place ? __builtin_fmaf(a, b, c) : a * b + c;
}

/* a * b - c * d, of which a contracting compiler fuses one product: the first if it contracts `place`. */
INLINE Lanes NAME(cross)(int place, Lanes a, Lanes b, Lanes c, Lanes d) {
    if (!CONTRACTED) return a * b - c * d;
    return CONTRACTED & place ? FUSED(a, b, -(c * d)) : FUSED(-c, d, a * b);
}

/* nearest_int: adding 1.5 * 2^23 rounds half to even; taken from the bits, so that it wraps as it does there. */
INLINE int NAME(nearest)(float sum, int bottom, int top) {
    const union { float number; int32_t bits; } shifted = {sum};
    const int32_t level = (shifted.bits & 0x007fffff) - 0x00400000;
    return level < bottom ? bottom : level > top ? top : level;
}

INLINE int NAME(nearest_product)(float a, float b, int bottom, int top) {
    return NAME(nearest)(NAME(scalar_madd)(ROUNDING, a, b, ROUNDER), bottom, top);
}

/* The same for lanes, as floats: equal to the integers while |a * b| < 2^22. */
INLINE Lanes NAME(levels)(Lanes a, Lanes b, int bottom, int top) {
    const Lanes level = NAME(madd)(ROUNDING, a, b, ALL(ROUNDER)) - ROUNDER;
    return MOST(LEAST(level, ALL(top)), ALL(bottom));
}

/* ---- Q4_K and Q5_K ---- */

/* The line `scale * level + low` through the 32 weights of a sub-block, whose levels are those nearest to
 * factor * (x - origin). */
struct NAME(line) { float scale, low, factor, origin; int sound; };

/* make_qkx2_quants for the sixteen sub-blocks of two super-blocks: levels 0 to top, factors top + first + step / 10. */
INLINE void NAME(find_lines)(const float *x, struct NAME(line) *found, int top, float first, int steps) {
    Lanes value[32][PARTS], weight[32][PARTS], level[32][PARTS];
    Lanes low[PARTS], high[PARTS], narrow[PARTS], sum_w[PARTS], sum_x[PARTS];
    Lanes scale[PARTS], factor[PARTS], origin[PARTS], error[PARTS];
    Mask sound[PARTS];

    for (int i = 0; i < 32; i++)
        for (int lane = 0; lane < 16; lane++) value[i][lane / WIDTH][lane % WIDTH] = x[32 * lane + i];
    EACH_PART {
        Lanes squares = {0};
        for (int i = 0; i < 32; i++) squares = NAME(madd)(SQUARES, value[i][p], value[i][p], squares);
        Lanes average = squares / 32;
        for (int lane = 0; lane < WIDTH; lane++) average[lane] = __builtin_sqrtf(average[lane]);
        for (int i = 0; i < 32; i++) weight[i][p] = average + MAGNITUDE(value[i][p]);

        low[p] = high[p] = value[0][p];
        sum_w[p] = weight[0][p];
        sum_x[p] = weight[0][p] * value[0][p];
        for (int i = 1; i < 32; i++) {
            low[p] = LEAST(value[i][p], low[p]);
            high[p] = MOST(value[i][p], high[p]);
            sum_w[p] += weight[i][p];
            sum_x[p] = NAME(madd)(EVERYWHERE, weight[i][p], value[i][p], sum_x[p]);
        }
        low[p] = LEAST(ALL(0), low[p]);
        narrow[p] = (high[p] - low[p]) * NARROW;
        sound[p] = (squares < LARGEST) & (high[p] - low[p] > SMALLEST);

        factor[p] = (float)top / (high[p] - low[p]);
        scale[p] = 1 / factor[p];
        origin[p] = low[p];
        error[p] = ALL(0);
        for (int i = 0; i < 32; i++) {
            const Lanes l = NAME(levels)(factor[p], value[i][p] - low[p], 0, top);
            Lanes difference = NAME(madd)(EVERYWHERE, scale[p], l, low[p]) - value[i][p];
            difference = difference * difference;
            error[p] = NAME(madd)(EVERYWHERE, weight[i][p], difference, error[p]);
        }
    }
    for (int step = 0; step <= steps; step++) {
        Lanes tried[PARTS], sum_l[PARTS], sum_l2[PARTS], sum_xl[PARTS];
        Lanes determinant[PARTS], slope[PARTS], bottom[PARTS], sum[PARTS];
        EACH_PART {
            tried[p] = (NAME(scalar_madd)(EVERYWHERE, 0.1f, step, first) + top) / (high[p] - low[p]);
            sum_l[p] = sum_l2[p] = sum_xl[p] = ALL(0);
        }
        for (int i = 0; i < 32; i++) EACH_PART {
            const Lanes l = level[i][p] = NAME(levels)(tried[p], value[i][p] - low[p], 0, top);
            sum_l[p] = NAME(madd)(LEVELS, weight[i][p], l, sum_l[p]);
            sum_l2[p] = NAME(madd)(LEVEL_PRODUCTS, weight[i][p] * l, l, sum_l2[p]);
            sum_xl[p] = NAME(madd)(LEVEL_PRODUCTS, weight[i][p] * l, value[i][p], sum_xl[p]);
        }
        EACH_PART {
            determinant[p] = NAME(cross)(EVERYWHERE, sum_w[p], sum_l2[p], sum_l[p], sum_l[p]);
            slope[p] = NAME(cross)(SLOPE, sum_w[p], sum_xl[p], sum_x[p], sum_l[p]) / determinant[p];
            bottom[p] = NAME(cross)(EVERYWHERE, sum_l2[p], sum_x[p], sum_l[p], sum_xl[p]) / determinant[p];
            const Mask positive = bottom[p] > 0;
            slope[p] = NAME(choose)(positive, sum_xl[p] / sum_l2[p], slope[p]);
            bottom[p] = NAME(choose)(positive, ALL(0), bottom[p]);
            sum[p] = ALL(0);
        }
        for (int i = 0; i < 32; i++) EACH_PART {
            Lanes difference = NAME(madd)(EVERYWHERE, slope[p], level[i][p], bottom[p]) - value[i][p];
            difference = difference * difference;
            sum[p] = NAME(madd)(EVERYWHERE, weight[i][p], difference, sum[p]);
        }
        EACH_PART {
            const Mask better = (determinant[p] > 0) & (sum[p] < error[p]);
            error[p] = NAME(choose)(better, sum[p], error[p]);
            scale[p] = NAME(choose)(better, slope[p], scale[p]);
            factor[p] = NAME(choose)(better, tried[p], factor[p]);
            origin[p] = NAME(choose)(better, low[p], origin[p]);
            low[p] = NAME(choose)(better, bottom[p], low[p]); /* from here on the next steps measure from it */
            sound[p] &= high[p] - low[p] > narrow[p];
        }
    }
    for (int lane = 0; lane < 16; lane++) {
        const int p = lane / WIDTH, n = lane % WIDTH;
        found[lane] = (struct NAME(line)){scale[p][n], low[p][n], factor[p][n], origin[p][n], sound[p][n] != 0};
    }
}

/* The first 16 bytes of a block (d, dmin, the 6-bit scales and minima) and the 256 levels. 0: one for the library. */
INLINE int NAME(finish_lines)(const float *x, const struct NAME(line) *found, uint8_t *head, uint8_t *level, int top) {
    float max_scale = 0, max_min = 0;
    for (int j = 0; j < 8; j++) {
        if (!found[j].sound) return 0;
        if (found[j].scale > max_scale) max_scale = found[j].scale;
        if (-found[j].low > max_min) max_min = -found[j].low;
    }
    if (!(max_scale > 0 && max_scale / 63 < LARGEST_HALF && max_min / 63 < LARGEST_HALF)) return 0;

    const float to_scale = 63 / max_scale, to_min = max_min > 0 ? 63 / max_min : 0;
    uint8_t scale[8], min[8];
    for (int j = 0; j < 8; j++) {
        scale[j] = (uint8_t)NAME(nearest_product)(to_scale, found[j].scale, INT32_MIN, INT32_MAX);
        min[j] = (uint8_t)NAME(nearest_product)(to_min, -found[j].low, INT32_MIN, INT32_MAX);
        if (scale[j] > 63) scale[j] = 63;
        if (min[j] > 63) min[j] = 63;
    }
    const uint16_t halves[2] = {half_of(max_scale / 63), half_of(max_min / 63)};
    memcpy(head, halves, 4);
    for (int j = 0; j < 4; j++) {
        head[4 + j] = (uint8_t)(scale[j] | scale[j + 4] >> 4 << 6);
        head[8 + j] = (uint8_t)(min[j] | min[j + 4] >> 4 << 6);
        head[12 + j] = (uint8_t)((scale[j + 4] & 15) | (min[j + 4] & 15) << 4);
    }
    const float d = float_of(halves[0]), dmin = float_of(halves[1]);
    for (int j = 0; j < 8; j++, x += 32, level += 32) {
        const float step = d * scale[j], shift = dmin * min[j];
        if (step != 0)
            for (int i = 0; i < 32; i++) level[i] = (uint8_t)NAME(nearest)((x[i] + shift) / step + ROUNDER, 0, top);
        else
            for (int i = 0; i < 32; i++)
                level[i] = (uint8_t)NAME(nearest_product)(found[j].factor, x[i] - found[j].origin, 0, top);
    }
    return 1;
}

/* Two super-blocks of 256 weights; 144 bytes each: head, then nibbles of sub-blocks 0 and 1, 2 and 3, … */
TARGET static unsigned NAME(q4_k)(const float *x, uint8_t *blocks) {
    struct NAME(line) found[16];
    uint8_t level[256];
    unsigned done = 0;
    NAME(find_lines)(x, found, 15, -1.0f, 20);
    for (int b = 0; b < 2; b++, x += 256, blocks += 144) {
        if (!NAME(finish_lines)(x, found + 8 * b, blocks, level, 15)) continue;
        done |= 1u << b;
        for (int j = 0; j < 8; j += 2)
            for (int i = 0; i < 32; i++)
                blocks[16 + 16 * j + i] = (uint8_t)(level[32 * j + i] | level[32 * j + 32 + i] << 4);
    }
    return done;
}

/* The same with 176 bytes each: head, the fifth bits (bit j of byte i: weight i of sub-block j), then nibbles. */
TARGET static unsigned NAME(q5_k)(const float *x, uint8_t *blocks) {
    struct NAME(line) found[16];
    uint8_t level[256];
    unsigned done = 0;
    NAME(find_lines)(x, found, 31, -0.5f, 15);
    for (int b = 0; b < 2; b++, x += 256, blocks += 176) {
        if (!NAME(finish_lines)(x, found + 8 * b, blocks, level, 31)) continue;
        done |= 1u << b;
        for (int i = 0; i < 32; i++) {
            int bits = 0;
            for (int j = 0; j < 8; j++) bits |= level[32 * j + i] >> 4 << j;
            blocks[16 + i] = (uint8_t)bits;
        }
        for (int j = 0; j < 8; j += 2)
            for (int i = 0; i < 32; i++)
                blocks[48 + 16 * j + i] = (uint8_t)((level[32 * j + i] & 15) | level[32 * j + 32 + i] << 4);
    }
    return done;
}

/* ---- Q6_K ---- */

/* The line `scale * level` through the 16 weights of a sub-block; nearest(factor * x) are its levels. */
struct NAME(slope) { float scale, factor; int sound; };

/* make_qx_quants with levels -32 to 31 and squared weights for the sixteen sub-blocks of a super-block. */
INLINE void NAME(find_slopes)(const float *x, struct NAME(slope) *found) {
    EACH_PART {
        Lanes value[16], weight[16], cube[16], largest = {0}, size = {0};
        for (int i = 0; i < 16; i++) {
            for (int lane = 0; lane < WIDTH; lane++) value[i][lane] = x[16 * (WIDTH * p + lane) + i];
            const Mask larger = MAGNITUDE(value[i]) > size;
            size = NAME(choose)(larger, MAGNITUDE(value[i]), size);
            largest = NAME(choose)(larger, value[i], largest);
            weight[i] = value[i] * value[i];
            cube[i] = weight[i] * value[i];
        }
        Lanes finite = {0};
        for (int i = 0; i < 16; i++) finite += weight[i];
        const Mask sound = (finite < LARGEST) & (size > SMALLEST_SLOPE);

        Lanes scale = {0}, factor = {0}, best = ALL(-1);
        for (int n = 0; n < 19; n++) {
            const int tenths = n == 0 ? 0 : n < 10 ? n - 10 : n - 9; /* 0, -9 … -1, 1 … 9 */
            const Lanes tried = -NAME(scalar_madd)(EVERYWHERE, 0.1f, tenths, 32) / largest;
            const int place = n == 0 ? EVERYWHERE : SLOPES; /* GCC makes vectors of all searches but the first */
            Lanes sum_lx = {0}, sum_l2 = {0};
            for (int i = 0; i < 16; i++) {
                const Lanes l = NAME(levels)(tried, value[i], -32, 31);
                sum_lx = NAME(madd)(place, cube[i], l, sum_lx);
                sum_l2 = NAME(madd)(place, weight[i] * l, l, sum_l2);
            }
            const Mask better = (sum_l2 > 0) & (sum_lx * sum_lx > best * sum_l2);
            const Lanes slope = sum_lx / sum_l2;
            scale = NAME(choose)(better, slope, scale);
            best = NAME(choose)(better, slope * sum_lx, best);
            factor = NAME(choose)(better, tried, factor);
        }
        for (int lane = 0; lane < WIDTH; lane++)
            found[WIDTH * p + lane] = (struct NAME(slope)){scale[lane], factor[lane], sound[lane] != 0};
    }
}

/* One super-block; 210 bytes: the low four bits of the levels, the high two, 16 scales, d. */
TARGET static unsigned NAME(q6_k)(const float *x, uint8_t *block) {
    struct NAME(slope) found[16];
    uint8_t level[256];
    float max_scale = 0, size = 0;
    NAME(find_slopes)(x, found);
    for (int j = 0; j < 16; j++) {
        if (!found[j].sound) return 0;
        if (__builtin_fabsf(found[j].scale) > size) {
            max_scale = found[j].scale;
            size = __builtin_fabsf(max_scale);
        }
    }
    if (!(size > SMALLEST_SLOPE / 64 && size / 128 < LARGEST_HALF)) return 0;

    const float to_scale = -128 / max_scale;
    const uint16_t half = half_of(1 / to_scale);
    const float d = float_of(half);
    memcpy(block + 208, &half, 2);
    for (int j = 0; j < 16; j++) {
        const int8_t scale = (int8_t)NAME(nearest_product)(to_scale, found[j].scale, INT32_MIN, 127);
        const float step = d * scale;
        block[192 + j] = (uint8_t)scale;
        if (step != 0)
            for (int i = 16 * j; i < 16 * j + 16; i++)
                level[i] = (uint8_t)(NAME(nearest)(x[i] / step + ROUNDER, -32, 31) + 32);
        else
            for (int i = 16 * j; i < 16 * j + 16; i++)
                level[i] = (uint8_t)(NAME(nearest_product)(found[j].factor, x[i], -32, 31) + 32);
    }
    for (int part = 0; part < 2; part++) {
        const uint8_t *l = level + 128 * part;
        for (int i = 0; i < 64; i++) block[64 * part + i] = (uint8_t)((l[i] & 15) | l[i + 64] << 4);
        for (int i = 0; i < 32; i++)
            block[128 + 32 * part + i] =
                (uint8_t)(l[i] >> 4 | l[i + 32] >> 4 << 2 | l[i + 64] >> 4 << 4 | l[i + 96] >> 4 << 6);
    }
    return 1;
}

#if !CONTRACTED

/* ---- Q8_0, in which there is nothing to contract ---- */

/* quantize_row_q8_0_ref for sixteen blocks of 32; 34 bytes each: d, levels. Its roundf takes halves away from zero: to
 * cut off behind the point after adding the float just below one half is the same for numbers below 2^22. */
TARGET static unsigned NAME(q8_0)(const float *x, uint8_t *blocks) {
    unsigned done = 0;
    for (int b = 0; b < 16; b++, x += 32, blocks += 34) {
        int32_t bits[32], size_bits = 0;
        memcpy(bits, x, sizeof bits);
        for (int i = 0; i < 32; i++) {
            const int32_t magnitude = bits[i] & 0x7fffffff; /* of floats without a sign the bits order as the values */
            size_bits = magnitude > size_bits ? magnitude : size_bits;
        }
        const union { int32_t bits; float number; } size = {size_bits};
        if (!(size.number > SMALLEST && size.number / 127 < LARGEST_HALF)) continue;
        const float d = size.number / 127, factor = 1 / d;
        const uint16_t half = half_of(d);
        memcpy(blocks, &half, 2);
        for (int i = 0; i < 32; i++) {
            const float value = x[i] * factor;
            blocks[2 + i] = (uint8_t)(int8_t)(int32_t)(value + (value < 0 ? -0x1.fffffep-2f : 0x1.fffffep-2f));
        }
        done |= 1u << b;
    }
    return done;
}

#endif

#undef INLINE
#undef FUSED
#undef CONTRACTED

#undef EACH_PART
#undef PARTS
#undef ALL
#undef MAGNITUDE
#undef NAME
#undef TARGET
#undef WIDTH
#undef Lanes
#undef Mask
#undef LEAST
#undef MOST
