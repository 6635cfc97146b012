#ifndef FOVEA_CLIP_SCENES_H
#define FOVEA_CLIP_SCENES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How many scenes there are.
int clip_scene_count(void);

/// The class that a scene shows, as the default model's labels name it.
const char *clip_scene_label(int scene);

/// Renders rows [first, last) of one picture; both are multiples of four, and so are width and height.
/// - seconds: time since the scene began.
/// - samples: rays per pixel, 1 to 8.
/// - rgb: height x width x 3 bytes, sRGB; only the rows asked for are written.
void clip_render(int scene, float seconds, int width, int height, int first, int last, int samples, uint8_t *rgb);

#ifdef __cplusplus
}
#endif
#endif
