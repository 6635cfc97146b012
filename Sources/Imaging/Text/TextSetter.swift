/// Puts lines of text on a canvas.
package final class TextSetter {
  private let canvas: Canvas
  let cache: TextCache
  private static let glyphs = (0..<128).map { String(UnicodeScalar(UInt8($0))) }

  /// Lines of text that had to be set so far; stands still while the same texts come again.
  package var misses: Int { cache.misses }

  /// Throws where the system has no font: texts would be empty.
  package static func checkFonts() throws { try Fonts.check() }

  package convenience init(canvas: Canvas) {
    self.init(canvas: canvas, cache: TextCache(stretch: 1 / canvas.format.pixelAspect))
  }

  init(canvas: Canvas, cache: TextCache) { (self.canvas, self.cache) = (canvas, cache) }

  /// Columns that a line takes.
  package func width(_ text: String, _ style: TextStyle) -> Int { cache.mask(text, style).advance }

  /// Draws a line with its base line at row `baseline`, shortened to `maxWidth`; returns the columns it took.
  @discardableResult
  package func draw(_ text: String, _ style: TextStyle, x: Int, baseline: Int, maxWidth: Int, _ color: Color) -> Int {
    guard maxWidth > 0 else { return 0 }
    var mask = cache.mask(text, style)
    if mask.advance > maxWidth { mask = cache.mask(text, style, maxWidth: maxWidth) }
    guard mask.advance <= maxWidth else { return 0 }
    put(mask, x, baseline, color)
    return mask.advance
  }

  /// The same with the line's end at column `right`.
  package func draw(_ text: String, _ style: TextStyle, right: Int, baseline: Int, _ color: Color) {
    let mask = cache.mask(text, style)
    put(mask, right - mask.advance, baseline, color)
  }

  /// Columns that `drawChanging` takes.
  package func changingWidth(_ text: String, _ style: TextStyle) -> Int {
    if !Self.isASCII(text) { return width(text, style) }
    return text.utf8.reduce(0) { $0 + cache.mask(Self.glyphs[Int($1)], style).advance }
  }

  /// Draws a line that is different on every frame: letter by letter, so that numbers never miss the cache.
  package func drawChanging(_ text: String, _ style: TextStyle, x: Int, baseline: Int, maxWidth: Int, _ color: Color) {
    guard Self.isASCII(text), changingWidth(text, style) <= maxWidth else {
      draw(text, style, x: x, baseline: baseline, maxWidth: maxWidth, color)
      return
    }
    var x = x
    for byte in text.utf8 {
      let mask = cache.mask(Self.glyphs[Int(byte)], style)
      put(mask, x, baseline, color)
      x += mask.advance
    }
  }

  private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { (32..<127).contains($0) } }

  private func put(_ mask: TextMask, _ x: Int, _ baseline: Int, _ color: Color) {
    canvas.blend(
      mask: mask.coverage, stride: mask.width, width: mask.width, height: mask.height, x: x,
      y: baseline - mask.baseline, color)
  }
}
