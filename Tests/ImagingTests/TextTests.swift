import Testing

@testable import Imaging

@Suite struct TextTests {
  @Test func shortensLongLines() {
    let cache = TextCache()
    let style = TextStyle(size: 14)
    let label = "sulphur-crested cockatoo, Kakatoe galerita, Cacatua galerita"
    let full = cache.mask(label, style)
    let short = cache.mask(label, style, maxWidth: 120)
    #expect(full.advance > 300 && short.advance <= 120 && short.advance > 60)
    #expect(full.baseline > 8 && full.baseline < full.height)
  }

  /// The end of a line that is cut in its middle is the end of the whole line.
  @Test func shortensInTheMiddle() {
    let (cache, label) = (TextCache(), "/features/features.12/conv/conv.2/BatchNormalization_output_0")
    let full = cache.mask(label, TextStyle(size: 14))
    let end = cache.mask(label, TextStyle(size: 14), maxWidth: 160)
    let middle = cache.mask(label, TextStyle(size: 14, cutsMiddle: true), maxWidth: 160)
    #expect(middle.advance <= 160 && middle.advance > 100)
    func lastColumns(_ mask: TextMask) -> [UInt8] {
      (-8..<2).flatMap { row in
        (1...30).map { mask.coverage[(mask.baseline + row) * mask.width + mask.width - $0] }
      }
    }
    #expect(lastColumns(middle) == lastColumns(full) && lastColumns(end) != lastColumns(full))
  }

  @Test func drawsSomethingForEveryScript() {
    let cache = TextCache()
    for text in ["macaw", "Ара", "مرحبا", "インコ", "नमस्ते", "🦜"] {
      let mask = cache.mask(text, TextStyle(size: 20))
      let ink = (0..<mask.width * mask.height).count { mask.coverage[$0] > 100 }
      #expect(ink > 10, "\(text)")
    }
    #expect(cache.mask("", TextStyle(size: 20)).advance == 0)
  }

  @Test func isBounded() {
    let cache = TextCache(capacity: 20)
    let style = TextStyle(size: 10)
    let kept = cache.mask("kept", style)
    for i in 0..<200 {
      _ = cache.mask("line \(i)", style)
      #expect(cache.mask("kept", style) === kept)
      #expect(cache.count <= 20)
    }
    #expect(cache.misses == 201)
  }

  @Test func textGrowsWithThePicture() {
    #expect(TextStyle.em(width: 160, height: 120) >= 8)
    #expect((20...24).contains(TextStyle.em(width: 1280, height: 720)))
    #expect((48...60).contains(TextStyle.em(width: 3840, height: 2160)))
    #expect(TextStyle.em(width: 360, height: 640) < 15)
  }
}
