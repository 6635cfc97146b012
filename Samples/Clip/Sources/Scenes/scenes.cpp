// The table of scenes, in the order of the clip.
#include "include/scenes.h"

#include "scenes_list.h"

static const struct {
  const char *label;
  Paint *paint;
} table[] = {
    {"orange", paintOrange},
    {"jellyfish", paintJellyfish},
    {"school bus", paintBus},
    {"goldfish", paintGoldfish},
    {"mushroom", paintMushroom},
    {"espresso", paintEspresso},
    {"beacon", paintBeacon},
};

int clip_scene_count(void) { return sizeof table / sizeof *table; }

const char *clip_scene_label(int scene) { return table[scene].label; }

void clip_render(int scene, float seconds, int width, int height, int first, int last, int samples, uint8_t *rgb) {
  table[scene].paint(seconds, width, height, first, last, samples, rgb);
}
