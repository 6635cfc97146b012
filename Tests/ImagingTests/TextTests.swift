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
    #expect(Layout.em(width: 160, height: 120) >= 8)
    #expect((20...24).contains(Layout.em(width: 1280, height: 720)))
    #expect((48...60).contains(Layout.em(width: 3840, height: 2160)))
    #expect(Layout.em(width: 360, height: 640) < 15)
  }
}
