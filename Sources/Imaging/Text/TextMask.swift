import CCairo
import Synchronization
import Telemetry

/// How a piece of text looks.
package struct TextStyle: Hashable {
  /// Height of the em square in pixels.
  package var size: Double
  package var isBold: Bool
  /// A line that is too long loses letters in its middle rather than at its end.
  package var cutsMiddle: Bool

  package init(size: Double, isBold: Bool = false, cutsMiddle: Bool = false) {
    (self.size, self.isBold, self.cutsMiddle) = (size, isBold, cutsMiddle)
  }

  /// The em for a picture of this size: legible at 160 columns, still modest at 3840.
  package static func em(width: Int, height: Int) -> Double {
    let reference = Double(min(width, height * 16 / 9))
    return max(8.5, 5.5 + reference * 0.0122).rounded()
  }
}

/// A line of text as coverage, 0…255.
final class TextMask {
  let width: Int, height: Int
  /// Rows from the top of the mask to the base line.
  let baseline: Int
  let advance: Int
  let coverage: UnsafeMutablePointer<UInt8>

  fileprivate init(width: Int, height: Int, baseline: Int, advance: Int) {
    (self.width, self.height, self.baseline, self.advance) = (width, height, baseline, advance)
    coverage = .allocate(capacity: max(1, width * height))
    coverage.initialize(repeating: 0, count: max(1, width * height))
  }

  deinit { coverage.deallocate() }
}

/// Sets lines of text, in any script that the system has a font for, with Pango and Cairo. One thread at a time.
final class TextRenderer {
  private let text: OpaquePointer?

  static let family = "DejaVu Sans, Noto Sans, sans-serif"

  /// - Parameter stretch: how many times as wide as the font has them letters are.
  init(family: String = TextRenderer.family, stretch: Double = 1) {
    text = fovea_text_has_fonts() == 0 ? nil : fovea_text_new(family, stretch)
  }

  private static let hasSaidMissing = Atomic<Bool>(false)

  /// Boxes stand for letters that no font has: said once.
  private static func sayMissing(in line: String) {
    guard !hasSaidMissing.exchange(true, ordering: .relaxed) else { return }
    Log.warning(
      "no font has all letters of '\(line)'; install one for its script (on Debian fonts-noto-core, fonts-noto-cjk)")
  }

  deinit { fovea_text_free(text) }

  /// One line, shortened with an ellipsis to `maxWidth` pixels when that is given.
  func render(_ text: String, _ style: TextStyle, maxWidth: Int?) -> TextMask {
    guard let renderer = self.text else { return TextMask(width: 0, height: 0, baseline: 0, advance: 0) }
    // Labels come from files and may be of any length: more than this never fits on a picture.
    let line = String(text.shown.prefix(512)).replacing("\0", with: " ")
    let limit = maxWidth.map { Int32(clamping: max(0, $0)) } ?? -1
    let size = fovea_text_set(renderer, line, style.size, style.isBold ? 1 : 0, limit, style.cutsMiddle ? 1 : 0)
    let mask = TextMask(
      width: Int(size.width), height: Int(size.height), baseline: Int(size.baseline), advance: Int(size.advance))
    // Where memory is short the line stays invisible.
    _ = fovea_text_draw(renderer, mask.coverage)
    if size.missing > 0 { Self.sayMissing(in: line) }
    return mask
  }
}
