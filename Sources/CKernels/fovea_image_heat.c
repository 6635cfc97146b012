#include "fovea_image.h"

void fovea_image_heat_levels(uint8_t *levels, const float *upper, const float *lower, float share, int n) {
    for (int i = 0; i < n; i++) {
        float level = upper[i] + (lower[i] - upper[i]) * share;
        level = level > 0 ? level : 0;
        level = level < 255 ? level : 255;
        levels[i] = (uint8_t)(int)(level + 0.5f);
    }
}

void fovea_image_heat_ink(uint16_t *values, uint8_t *weights, const uint8_t *levels, const uint16_t *inks,
                          const uint8_t *opacities, int n) {
    for (int i = 0; i < n; i++) {
        values[i] = inks[levels[i]];
        weights[i] = opacities[levels[i]];
    }
}

void fovea_image_contour(uint8_t *weights, const uint8_t *levels, const uint8_t *below, int right, uint8_t limit,
                         int n) {
    for (int i = 0; i < n; i++) {
        int inside = levels[i] >= limit;
        int across = i + right < n ? levels[i + right] >= limit : inside;
        weights[i] = (inside != across || inside != (below[i] >= limit)) ? 255 : 0;
    }
}
