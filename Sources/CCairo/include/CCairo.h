// Lines of text in any script as coverage masks, set by Pango and drawn by Cairo: all the program needs of the two.
#pragma once
#include <stdint.h>

/// A font family and the line that was set last. One thread at a time.
typedef struct fovea_text fovea_text;

/// What a line takes, in pixels.
typedef struct {
    int width, height;  ///< of the mask: everything that is inked, and the line's own box
    int baseline;       ///< rows from the top of the mask to the base line
    int advance;        ///< columns from the line's start to its end
    int missing;        ///< letters that no font has: boxes stand for them
} fovea_text_size;

/// Looks for the system's fonts, once for all threads: 0 when there are none. Nothing else may be called then.
int fovea_text_has_fonts(void);

/// Families as Pango writes them ("DejaVu Sans, sans-serif"); letters are `stretch` times as wide as the font has them. NULL
/// when memory is short. Freed with fovea_text_free.
fovea_text *fovea_text_new(const char *family, double stretch);
void fovea_text_free(fovea_text *text);

/// Sets one line of UTF-8 in letters of `em` pixels, shortened to `max_width` pixels when that is not negative, with an
/// ellipsis at the end or in the middle, and measures it.
fovea_text_size fovea_text_set(
    fovea_text *text, const char *line, double em, int is_bold, int max_width, int cuts_middle);

/// Draws the line that was set last; mask: [height, width], 0…255, as fovea_text_set measured it. Zero when memory is
/// short, and then nothing is drawn.
int fovea_text_draw(fovea_text *text, uint8_t *mask);
