/* Fast quantizers whose bytes are those of llama.cpp: the variants for this processor, and the loop over blocks.
 *
 * Not a Python module: converter/lanes/library.py loads it with ctypes, so it needs no Python headers to build. Needs
 * GCC or Clang (vector extensions), -ffp-contract=off and no fast-math. Nothing beyond the baseline of the architecture
 * runs before lanes_usable() was asked.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* 1.5 * 2^23: between it and 2^24 floats are the whole numbers. */
#define ROUNDER 12582912.0f
/* Sums of squares below, so that no product of three sums overflows; above 1e-30 no reciprocal does. */
#define LARGEST 1e18f
#define SMALLEST 1e-30f
/* The library takes sub-blocks below 1e-15 for zero (GROUP_MAX_EPS). */
#define SMALLEST_SLOPE 1e-10f
/* A search that narrows the range of a sub-block more than this could leave what `levels` can round. */
#define NARROW 1e-3f
/* Half precision ends here. */
#define LARGEST_HALF 65504.0f

/* IEEE half precision, to nearest even; finite values below LARGEST_HALF. */
static inline uint16_t half_of(float value) {
    union { float number; uint32_t bits; } size = {__builtin_fabsf(value)};
    const uint32_t sign = __builtin_signbit(value) ? 0x8000 : 0;
    if (size.bits < 0x38800000) { /* below 2^-14: multiples of 2^-24, which is the last place of floats from 0.5 to 1 */
        size.number += 0.5f;
        return (uint16_t)(sign | (size.bits - 0x3f000000));
    }
    size.bits += 0xfff + (size.bits >> 13 & 1);
    return (uint16_t)(sign | (size.bits - 0x38000000) >> 13);
}

static inline float float_of(uint16_t half) {
    union { uint32_t bits; float number; } size = {((half & 0x7fffu) << 13) + 0x38000000};
    if ((half & 0x7c00) == 0) size.number = (float)(half & 0x3ff) * 0x1p-24f;
    return half & 0x8000 ? -size.number : size.number;
}

/* Where compilers contracted a product and a sum of ggml-quants.c into one operation, rounded once: GCC 12, by default
 * (-ffp-contract=fast), and Clang 14, which does it inside expressions; read from what they made. Where they multiply
 * vectors and then add the products one by one, nothing is fused. */
#define NOWHERE 0
#define EVERYWHERE 1 /* what both contract */
#define SQUARES 2
#define ROUNDING 4
#define LEVELS 8
#define LEVEL_PRODUCTS 16
#define SLOPE 32
#define SLOPES 64
#if defined(__x86_64__)
#define PLACES_OF_GCC (EVERYWHERE | ROUNDING | LEVEL_PRODUCTS)
#define PLACES_OF_CLANG (EVERYWHERE | SQUARES | LEVELS | LEVEL_PRODUCTS | SLOPE | SLOPES)
#else
#define PLACES_OF_GCC (EVERYWHERE | ROUNDING | LEVEL_PRODUCTS | SQUARES)
#define PLACES_OF_CLANG (EVERYWHERE | SQUARES | SLOPE | SLOPES)
#endif

typedef float Floats4 __attribute__((vector_size(16)));
typedef int32_t Integers4 __attribute__((vector_size(16)));
typedef float Floats8 __attribute__((vector_size(32)));
typedef int32_t Integers8 __attribute__((vector_size(32)));
typedef float Floats16 __attribute__((vector_size(64)));
typedef int32_t Integers16 __attribute__((vector_size(64)));

/* The baseline: SSE2 on x86-64, NEON on aarch64, whatever the compiler makes of it elsewhere. */
#define NAME(name) name##_baseline
#define CONTRACTED NOWHERE
#define FUSED(a, b, c) (c)
#define TARGET
#define WIDTH 4
#define Lanes Floats4
#define Mask Integers4
#if defined(__x86_64__)
#define LEAST(a, b) ((Lanes)_mm_min_ps((__m128)(a), (__m128)(b)))
#define MOST(a, b) ((Lanes)_mm_max_ps((__m128)(a), (__m128)(b)))
#else
#define LEAST(a, b) NAME(choose)((a) < (b), a, b)
#define MOST(a, b) NAME(choose)((a) > (b), a, b)
#endif
#include "kernel.h"

#if defined(__x86_64__)
#define NAME(name) name##_avx2
#define CONTRACTED NOWHERE
#define FUSED(a, b, c) (c)
#define TARGET __attribute__((target("avx2")))
#define WIDTH 8
#define Lanes Floats8
#define Mask Integers8
#define LEAST(a, b) ((Lanes)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define MOST(a, b) ((Lanes)_mm256_max_ps((__m256)(a), (__m256)(b)))
#include "kernel.h"

#define NAME(name) name##_avx512
#define CONTRACTED NOWHERE
#define FUSED(a, b, c) (c)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define WIDTH 16
#define Lanes Floats16
#define Mask Integers16
#define LEAST(a, b) ((Lanes)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define MOST(a, b) ((Lanes)_mm512_max_ps((__m512)(a), (__m512)(b)))
#include "kernel.h"
#endif

#if defined(__x86_64__) || defined(__aarch64__)
#define HAVE_FUSED

#define NAME(name) name##_gcc
#define CONTRACTED PLACES_OF_GCC
#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define WIDTH 8
#define Lanes Floats8
#define Mask Integers8
#define LEAST(a, b) ((Lanes)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define MOST(a, b) ((Lanes)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define FUSED(a, b, c) ((Lanes)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#else
#define TARGET
#define WIDTH 4
#define Lanes Floats4
#define Mask Integers4
#define LEAST(a, b) NAME(choose)((a) < (b), a, b)
#define MOST(a, b) NAME(choose)((a) > (b), a, b)
#define FUSED(a, b, c) ((Lanes)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#endif
#include "kernel.h"

#define NAME(name) name##_clang
#define CONTRACTED PLACES_OF_CLANG
#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define WIDTH 8
#define Lanes Floats8
#define Mask Integers8
#define LEAST(a, b) ((Lanes)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define MOST(a, b) ((Lanes)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define FUSED(a, b, c) ((Lanes)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#else
#define TARGET
#define WIDTH 4
#define Lanes Floats4
#define Mask Integers4
#define LEAST(a, b) NAME(choose)((a) < (b), a, b)
#define MOST(a, b) NAME(choose)((a) > (b), a, b)
#define FUSED(a, b, c) ((Lanes)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#endif
#include "kernel.h"

#endif

/* A kernel makes `group` blocks and returns a bit for each that it has finished. */
typedef unsigned (*Kernel)(const float *x, uint8_t *blocks);

enum { Q8_0, Q4_K, Q5_K, Q6_K, FORMATS };

static const struct Format {
    int32_t type; /* of enum ggml_type */
    int weights, bytes, group;
} formats[FORMATS] = {{8, 32, 34, 16}, {12, 256, 144, 2}, {13, 256, 176, 2}, {14, 256, 210, 1}};

/* Sixteen blocks of Q8_0 or two of Q4_K; and Q8_0 has the longest group in bytes. */
enum { GROUP_WEIGHTS = 512, GROUP_BYTES = 16 * 34 };

static const struct Variant {
    const char *name;
    Kernel kernels[FORMATS];
} variants[] = {
#if defined(__x86_64__)
    {"AVX-512", {q8_0_avx512, q4_k_avx512, q5_k_avx512, q6_k_avx512}},
    {"AVX2", {q8_0_avx2, q4_k_avx2, q5_k_avx2, q6_k_avx2}},
#endif
    {"baseline", {q8_0_baseline, q4_k_baseline, q5_k_baseline, q6_k_baseline}},
#if defined(HAVE_FUSED)
    {"fused as by GCC", {q8_0_baseline, q4_k_gcc, q5_k_gcc, q6_k_gcc}},
    {"fused as by Clang", {q8_0_baseline, q4_k_clang, q5_k_clang, q6_k_clang}},
#endif
};

enum { VARIANTS = sizeof variants / sizeof variants[0] };

/* ggml_quantize_chunk(type, from, to, start, rows, weights per row, importance). */
typedef size_t (*Library)(int32_t, const float *, void *, int64_t, int64_t, int64_t, const float *);

#if defined(_WIN32)
#define EXPORTED __declspec(dllexport)
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

/* The name of a variant, the fastest first; NULL behind the last. */
EXPORTED const char *lanes_name(int32_t variant) {
    return variant >= 0 && variant < VARIANTS ? variants[variant].name : NULL;
}

/* Whether this processor has the instructions of a variant. */
EXPORTED int32_t lanes_usable(int32_t variant) {
    const char *name = lanes_name(variant);
    if (name == NULL) return 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(name, "AVX-512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (strcmp(name, "AVX2") == 0) return __builtin_cpu_supports("avx2");
    if (strncmp(name, "fused", 5) == 0) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return 1;
}

static int64_t finish(const struct Format *format, Library library, const float *x, uint8_t *out, int count,
                      unsigned done) {
    int64_t left = 0;
    for (int b = 0; b < count; b++) {
        if (done >> b & 1) continue;
        library(format->type, x + b * format->weights, out + b * format->bytes, 0, 1, format->weights, NULL);
        left++;
    }
    return left;
}

/* Quantize `blocks` blocks of `type` (of enum ggml_type). Returns how many were left to the library, or -1: no such
 * type or variant. */
EXPORTED int64_t lanes_quantize(int32_t variant, int32_t type, const float *x, uint8_t *out, int64_t blocks,
                                Library library) {
    const struct Format *format = formats;
    while (format < formats + FORMATS && format->type != type) format++;
    if (format == formats + FORMATS || !lanes_usable(variant)) return -1;
    const Kernel kernel = variants[variant].kernels[format - formats];
    int64_t left = 0;
    for (; blocks >= format->group; blocks -= format->group) {
        left += finish(format, library, x, out, format->group, kernel(x, out));
        x += format->group * format->weights;
        out += format->group * format->bytes;
    }
    if (blocks > 0) { /* a last group that is not full is made beside, behind it zeros */
        float padded[GROUP_WEIGHTS] = {0};
        uint8_t made[GROUP_BYTES];
        memcpy(padded, x, (size_t)blocks * format->weights * sizeof(float));
        const unsigned done = kernel(padded, made);
        memcpy(out, made, (size_t)blocks * format->bytes);
        left += finish(format, library, x, out, (int)blocks, done);
    }
    return left;
}
