/// Columns and rows.
package struct PictureSize: Sendable, Hashable {
  package var width: Int, height: Int

  /// Read from words such as `640x480`; both are from 1 to `limit`.
  package static func kind(limit: Int, example: String) -> ValueKind<PictureSize> {
    ValueKind("WxH", needed: "a width and a height from 1 to \(limit) are needed, such as \(example)") { text in
      let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      guard sides.count == 2, let width = sides[0], let height = sides[1], (1...limit).contains(width),
        (1...limit).contains(height)
      else { return nil }
      return PictureSize(width: width, height: height)
    }
  }
}
