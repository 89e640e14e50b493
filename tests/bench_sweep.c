/* The closed forms that `memdsl explain specs/yolov3.mem CELL --in width,height,sram,chip.dram.energy` prints, as loops
   over a grid; what does not rest on an inner axis is computed outside it. */
#include <stddef.h>

#define PEAK (4096 * 933e6)
#define DRAM 16e9

static inline double larger(double a, double b) { return a > b ? a : b; }

static inline double traffic_of(double p, double s)
{
    return 61895776 + 3 * p
         + (s < 32 * p ? 64 * p : 0) + 2 * (s < 16 * p ? 32 * p : 0) + 4 * (s < 8 * p ? 16 * p : 0)
         + 14 * (s < 4 * p ? 8 * p : 0) + 23 * (s < 2 * p ? 4 * p : 0) + 19 * (s < p ? 2 * p : 0)
         + 8 * (s < 0.5 * p ? p : 0) + (s < 3.984375 * p ? 7.96875 * p : 0) + (s < 0.99609375 * p ? 1.9921875 * p : 0)
         + (s < 0.25 * p ? 0.5 * p : 0) + (s < 0.2490234375 * p ? 0.498046875 * p : 0);
}

static inline double time_of(double p, double s)
{
    const double c4608 = 4608 / PEAK * p, c512 = 512 / PEAK * p, c768 = 768 / PEAK * p, c128 = 128 / PEAK * p;
    return 12 * larger((294912 + (s < 4 * p ? 8 * p : 0)) / DRAM, c4608)
         + 12 * larger((1179648 + (s < 2 * p ? 4 * p : 0)) / DRAM, c4608)
         + 8 * larger((4718592 + (s < p ? 2 * p : 0)) / DRAM, c4608)
         + (s < 16 * p ? (64 * p + 36864) / DRAM : 9216 / PEAK * p)
         + (s < 32 * p ? (64 * p + 864) / DRAM : 864 / PEAK * p)
         + 3 * larger((73728 + (s < 8 * p ? 16 * p : 0)) / DRAM, c4608)
         + (s < 2 * p ? (44 * p + 376832) / DRAM : 10 * larger(32768 / DRAM, c512) + larger(49152 / DRAM, c768))
         + 10 * larger((131072 + (s < p ? 2 * p : 0)) / DRAM, c512)
         + (s < 8 * p ? (16 * p + 2048) / DRAM : c512)
         + 7 * larger((524288 + (s < 0.5 * p ? p : 0)) / DRAM, c512)
         + (s < 4 * p ? (16 * p + 16384) / DRAM : 2 * larger(8192 / DRAM, c512))
         + (s < 3.984375 * p ? (7.96875 * p + 65280) / DRAM : larger(65280 / DRAM, 1020 / PEAK * p))
         + larger((196608 + (s < p ? 2 * p : 0)) / DRAM, c768)
         + larger((130560 + (s < 0.99609375 * p ? 1.9921875 * p : 0)) / DRAM, 510 / PEAK * p)
         + larger((261120 + (s < 0.2490234375 * p ? 0.498046875 * p : 0)) / DRAM, 255 / PEAK * p)
         + larger((131072 + (s < 0.25 * p ? 0.5 * p : 0)) / DRAM, c128)
         + (s < 0.5 * p ? (p + 32768) / DRAM : larger(32768 / DRAM, c128));
}

void nested(const double *width, size_t widths, const double *height, size_t heights, const double *sram, size_t srams,
           const double *joule, size_t joules, double on_chip,
           double *restrict traffic, double *restrict energy, double *restrict time, double *restrict largest)
{
#pragma omp parallel for
    for (size_t a = 0; a < widths; a++)
        for (size_t b = 0; b < heights; b++) {
            const double p = width[a] * height[b];
            for (size_t c = 0; c < srams; c++) {
                const double bytes = traffic_of(p, sram[c]), seconds = time_of(p, sram[c]);
                const size_t at = ((a * heights + b) * srams + c) * joules;
                for (size_t d = 0; d < joules; d++) {
                    traffic[at + d] = bytes;
                    energy[at + d] = on_chip * p + joule[d] * bytes;
                    time[at + d] = seconds;
                    largest[at + d] = 32 * p;
                }
            }
        }
}

/* The same, every point from its own inputs: what a loop over a table of points costs. */
void points(size_t count, const double *width, const double *height, const double *sram, const double *joule,
            double on_chip, double *restrict traffic, double *restrict energy, double *restrict time,
            double *restrict largest)
{
#pragma omp parallel for
    for (size_t i = 0; i < count; i++) {
        const double p = width[i] * height[i], bytes = traffic_of(p, sram[i]);
        traffic[i] = bytes;
        energy[i] = on_chip * p + joule[i] * bytes;
        time[i] = time_of(p, sram[i]);
        largest[i] = 32 * p;
    }
}
