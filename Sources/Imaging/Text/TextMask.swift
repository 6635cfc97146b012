import CCairo

/// How a piece of text looks.
struct TextStyle: Hashable {
  /// Height of the em square in pixels.
  var size: Double
  var isBold = false
}

/// A line of text as coverage, 0…255.
final class TextMask {
  /// Columns and rows of the mask.
  let width: Int
  let height: Int
  /// Rows from the top of the mask to the base line.
  let baseline: Int
  /// Columns that the text advances.
  let advance: Int
  let coverage: UnsafeMutablePointer<UInt8>

  /// A mask of these measures, all zero.
  fileprivate init(width: Int, height: Int, baseline: Int, advance: Int) {
    (self.width, self.height, self.baseline, self.advance) = (width, height, baseline, advance)
    coverage = .allocate(capacity: max(1, width * height))
    coverage.initialize(repeating: 0, count: max(1, width * height))
  }

  deinit { coverage.deallocate() }
}

/// Sets lines of text, in any script that the system has a font for, with Pango and Cairo. One thread at a time.
final class TextRenderer {
  private let fontMap: UnsafeMutablePointer<PangoFontMap>?
  private let context: OpaquePointer?
  private let layout: OpaquePointer?
  private let family: String

  init(family: String = "DejaVu Sans, Noto Sans, sans-serif") {
    self.family = family
    fontMap = pango_cairo_font_map_new()
    context = fontMap.flatMap { pango_font_map_create_context($0) }
    if let context {
      let options = cairo_font_options_create()
      cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
      cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT)
      cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_ON)
      pango_cairo_context_set_font_options(context, options)
      cairo_font_options_destroy(options)
    }
    layout = context.flatMap { pango_layout_new($0) }
  }

  deinit {
    if let layout { g_object_unref(UnsafeMutableRawPointer(layout)) }
    if let context { g_object_unref(UnsafeMutableRawPointer(context)) }
    if let fontMap { g_object_unref(fontMap) }
  }

  /// One line, shortened with an ellipsis to `maxWidth` pixels when that is given.
  func render(_ text: String, _ style: TextStyle, maxWidth: Int?) -> TextMask {
    guard let layout else { return TextMask(width: 0, height: 0, baseline: 0, advance: 0) }
    let font = pango_font_description_from_string(family)
    pango_font_description_set_absolute_size(font, style.size * Double(PANGO_SCALE))
    pango_font_description_set_weight(font, style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
    pango_layout_set_font_description(layout, font)
    pango_font_description_free(font)
    pango_layout_set_single_paragraph_mode(layout, 1)
    pango_layout_set_ellipsize(layout, maxWidth == nil ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END)
    pango_layout_set_width(layout, maxWidth.map { Int32(max(0, min($0, 1 << 20))) * PANGO_SCALE } ?? -1)
    // Labels come from files: a line is enough, however long they are.
    let line = String(text.prefix(512)).replacing("\0", with: " ")
    pango_layout_set_text(layout, line, -1)
    var (ink, logical) = (PangoRectangle(), PangoRectangle())
    pango_layout_get_pixel_extents(layout, &ink, &logical)
    let left = min(ink.x, logical.x)
    let top = min(ink.y, logical.y)
    let right = max(ink.x + ink.width, logical.x + logical.width)
    let bottom = max(ink.y + ink.height, logical.y + logical.height)
    let mask = TextMask(
      width: Int(right - left), height: Int(bottom - top),
      baseline: Int((Double(pango_layout_get_baseline(layout)) / Double(PANGO_SCALE)).rounded()) - Int(top),
      advance: Int(logical.width))
    draw(layout, into: mask, left: Double(-left), top: Double(-top))
    return mask
  }

  private func draw(_ layout: OpaquePointer, into mask: TextMask, left: Double, top: Double) {
    guard mask.width > 0, mask.height > 0 else { return }
    let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(mask.width), Int32(mask.height))
    defer { cairo_surface_destroy(surface) }
    let cairo = cairo_create(surface)
    cairo_move_to(cairo, left, top)
    cairo_set_source_rgba(cairo, 1, 1, 1, 1)
    pango_cairo_show_layout(cairo, layout)
    cairo_destroy(cairo)
    cairo_surface_flush(surface)
    guard let pixels = cairo_image_surface_get_data(surface) else { return }
    let stride = Int(cairo_image_surface_get_stride(surface))
    for y in 0..<mask.height {
      (mask.coverage + y * mask.width).update(from: pixels + y * stride, count: mask.width)
    }
  }
}
