/// Remembers the masks of the lines that were drawn lately, so that a picture whose text was seen before costs nothing
/// but the blend.
final class TextCache {
  private struct Key: Hashable {
    let text: String
    let style: TextStyle
    let maxWidth: Int
  }

  private struct Entry {
    let mask: TextMask
    var lastUse: UInt64
  }

  /// The most lines that are kept.
  let capacity: Int
  private let renderer: TextRenderer
  private var entries: [Key: Entry] = [:]
  private var clock: UInt64 = 0
  /// Lines that had to be set.
  private(set) var misses = 0

  init(capacity: Int = 512, stretch: Double = 1) {
    (self.capacity, renderer) = (capacity, TextRenderer(stretch: stretch))
    entries.reserveCapacity(capacity + 1)
  }

  var count: Int { entries.count }

  /// The mask of a line, shortened to `maxWidth` pixels when that is not negative.
  func mask(_ text: String, _ style: TextStyle, maxWidth: Int = -1) -> TextMask {
    let key = Key(text: text, style: style, maxWidth: maxWidth)
    clock += 1
    if let index = entries.index(forKey: key) {
      entries.values[index].lastUse = clock
      return entries.values[index].mask
    }
    misses += 1
    let mask = renderer.render(text, style, maxWidth: maxWidth < 0 ? nil : maxWidth)
    if entries.count >= capacity { forgetOldest() }
    entries[key] = Entry(mask: mask, lastUse: clock)
    return mask
  }

  /// Drops the half that was not used for the longest time.
  private func forgetOldest() {
    let times = entries.values.map(\.lastUse).sorted()
    let limit = times[times.count / 2]
    for (key, entry) in entries where entry.lastUse <= limit { entries[key] = nil }
  }
}
