#include "CCairo.h"

#include <fontconfig/fontconfig.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct fovea_text {
    PangoFontMap *fonts;
    PangoContext *context;
    PangoLayout *layout;
    PangoFontDescription *font;
    double stretch;
    // The mask of the line that was set last, relative to the line's origin.
    int left, top, width, height;
};

static pthread_once_t searched = PTHREAD_ONCE_INIT;
static int has_fonts;

// Pango warns for each text that it cannot draw; one warning says it all.
static void warn_once(const char *domain, GLogLevelFlags level, const char *message, void *unused) {
    static atomic_flag warned = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&warned)) g_log_default_handler(domain, level, message, unused);
}

// Fontconfig reads its configuration at every use until that has gone well once, and writes its errors each time.
static void search(void) {
    g_log_set_default_handler(warn_once, NULL);
    if (!FcInit()) return;
    FcConfig *config = FcConfigGetCurrent();
    const FcFontSet *found = FcConfigGetFonts(config, FcSetSystem);
    // Without a configuration there is one for the usual folders, which are not read yet.
    if (!found || found->nfont == 0) found = FcConfigBuildFonts(config) ? FcConfigGetFonts(config, FcSetSystem) : NULL;
    has_fonts = found && found->nfont > 0;
}

int fovea_text_has_fonts(void) {
    pthread_once(&searched, search);
    return has_fonts;
}

static void choose_rendering(PangoContext *context) {
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_ON);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
}

fovea_text *fovea_text_new(const char *family, double stretch) {
    fovea_text *text = calloc(1, sizeof *text);
    if (!text) return NULL;
    text->stretch = stretch;
    text->fonts = pango_cairo_font_map_new();
    if (text->fonts) text->context = pango_font_map_create_context(text->fonts);
    if (text->context) {
        choose_rendering(text->context);
        text->layout = pango_layout_new(text->context);
    }
    text->font = pango_font_description_from_string(family);
    if (text->layout && text->font) return text;
    fovea_text_free(text);
    return NULL;
}

void fovea_text_free(fovea_text *text) {
    if (!text) return;
    if (text->font) pango_font_description_free(text->font);
    if (text->layout) g_object_unref(text->layout);
    if (text->context) g_object_unref(text->context);
    if (text->fonts) g_object_unref(text->fonts);
    free(text);
}

static int smaller(int a, int b) { return a < b ? a : b; }
static int larger(int a, int b) { return a > b ? a : b; }

fovea_text_size fovea_text_set(
    fovea_text *text, const char *line, double em, int is_bold, int max_width, int cuts_middle) {
    const PangoEllipsizeMode cut = cuts_middle ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END;
    PangoLayout *layout = text->layout;
    pango_font_description_set_absolute_size(text->font, em * PANGO_SCALE);
    pango_font_description_set_weight(text->font, is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, text->font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_ellipsize(layout, max_width < 0 ? PANGO_ELLIPSIZE_NONE : cut);
    const double room = smaller(max_width, 1 << 17) / text->stretch;
    pango_layout_set_width(layout, max_width < 0 ? -1 : (int)(room * PANGO_SCALE));
    pango_layout_set_text(layout, line, -1);
    PangoRectangle ink, box;
    pango_layout_get_pixel_extents(layout, &ink, &box);
    text->left = (int)floor(smaller(ink.x, box.x) * text->stretch);
    text->top = smaller(ink.y, box.y);
    const int right = larger(ink.x + ink.width, box.x + box.width);
    text->width = larger(0, (int)ceil(right * text->stretch) - text->left);
    text->height = larger(0, larger(ink.y + ink.height, box.y + box.height) - text->top);
    return (fovea_text_size){
        .width = text->width,
        .height = text->height,
        .baseline = PANGO_PIXELS(pango_layout_get_baseline(layout)) - text->top,
        .advance = (int)ceil(box.width * text->stretch),
        .missing = pango_layout_get_unknown_glyphs_count(layout),
    };
}

int fovea_text_draw(fovea_text *text, uint8_t *mask) {
    if (text->width == 0 || text->height == 0) return 1;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, text->width, text->height);
    cairo_t *cairo = cairo_create(surface);
    cairo_translate(cairo, -text->left, -text->top);
    cairo_scale(cairo, text->stretch, 1);
    cairo_move_to(cairo, 0, 0);
    cairo_set_source_rgba(cairo, 1, 1, 1, 1);
    pango_cairo_show_layout(cairo, text->layout);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    const unsigned char *pixels = cairo_image_surface_get_data(surface);
    const long stride = cairo_image_surface_get_stride(surface);
    for (long y = 0; pixels && y < text->height; y++)
        memcpy(mask + y * text->width, pixels + y * stride, (size_t)text->width);
    cairo_surface_destroy(surface);
    return pixels != NULL;
}
