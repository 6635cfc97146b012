/// Where one component (Y, U, V, A or R, G, B, A in that order) of a pixel lies.
package struct PixelComponent: Hashable, Sendable {
  package var plane: Int
  /// Bytes from one horizontally neighbouring sample to the next.
  package var step: Int
  /// Bytes before the first sample.
  package var offset: Int
  /// Bits to shift a sample right by.
  package var shift: Int
  /// Significant bits; samples of more than 8 bits are little-endian 16-bit words.
  package var depth: Int

  package init(plane: Int, step: Int, offset: Int, shift: Int, depth: Int) {
    (self.plane, self.step, self.offset, self.shift, self.depth) = (plane, step, offset, shift, depth)
  }
}

/// How pixels lie in memory: the same description, and the same names, as FFmpeg's `AVPixFmtDescriptor`.
package struct PixelFormat: Hashable, Sendable {
  /// FFmpeg's name, as in "yuv420p".
  package var name: String
  /// Y, U, V or R, G, B or Y alone; then alpha if there is one.
  package var components: [PixelComponent]
  /// log2 of how many luma columns share a chroma sample.
  package var log2ChromaWidth: Int
  /// log2 of how many luma rows share a chroma sample.
  package var log2ChromaHeight: Int
  /// Components are R, G, B rather than Y, U, V.
  package var isRGB: Bool
  /// The last component is alpha.
  package var hasAlpha: Bool

  package init(
    name: String, components: [PixelComponent], log2ChromaWidth: Int, log2ChromaHeight: Int, isRGB: Bool,
    hasAlpha: Bool
  ) {
    (self.name, self.components, self.isRGB, self.hasAlpha) = (name, components, isRGB, hasAlpha)
    (self.log2ChromaWidth, self.log2ChromaHeight) = (log2ChromaWidth, log2ChromaHeight)
  }

  package var planeCount: Int { components.reduce(0) { max($0, $1.plane + 1) } }

  /// The number of components that carry colour: 1 for grey, else 3.
  package var colorCount: Int { components.count - (hasAlpha ? 1 : 0) }

  /// Samples of a component in a row of `width` pixels (chroma rounds up).
  package func width(ofComponent c: Int, in width: Int) -> Int {
    isChroma(c) ? -(-width >> log2ChromaWidth) : width
  }

  /// Rows of a component in a picture of `height` rows (chroma rounds up).
  package func height(ofComponent c: Int, in height: Int) -> Int {
    isChroma(c) ? -(-height >> log2ChromaHeight) : height
  }

  /// True for the U and V components.
  package func isChroma(_ c: Int) -> Bool { !isRGB && colorCount == 3 && (c == 1 || c == 2) }

  /// Bytes that a row of a plane needs.
  package func rowBytes(ofPlane plane: Int, width: Int) -> Int {
    var bytes = 0
    for (c, component) in components.enumerated() where component.plane == plane {
      let samples = self.width(ofComponent: c, in: width)
      let sampleBytes = component.depth + component.shift > 8 ? 2 : 1
      // A packed pixel occupies whole steps, with or without padding bytes after the last component.
      bytes = max(bytes, samples * component.step, (samples - 1) * component.step + component.offset + sampleBytes)
    }
    return bytes
  }

  /// Rows of a plane in a picture of `height` rows.
  package func rows(ofPlane plane: Int, height: Int) -> Int {
    // Asked for every frame: no temporary arrays.
    var rows = 0
    for (c, component) in components.enumerated() where component.plane == plane {
      rows = max(rows, self.height(ofComponent: c, in: height))
    }
    return rows
  }

  package static let yuv420p = planarYUV("yuv420p", chroma: (1, 1))
  package static let yuv422p = planarYUV("yuv422p", chroma: (1, 0))
  package static let yuv444p = planarYUV("yuv444p", chroma: (0, 0))
  package static let gray = PixelFormat(
    name: "gray", components: [PixelComponent(plane: 0, step: 1, offset: 0, shift: 0, depth: 8)], log2ChromaWidth: 0,
    log2ChromaHeight: 0, isRGB: false, hasAlpha: false)
  package static let rgb24 = PixelFormat(
    name: "rgb24", components: (0..<3).map { PixelComponent(plane: 0, step: 3, offset: $0, shift: 0, depth: 8) },
    log2ChromaWidth: 0, log2ChromaHeight: 0, isRGB: true, hasAlpha: false)

  private static func planarYUV(_ name: String, chroma: (Int, Int)) -> PixelFormat {
    PixelFormat(
      name: name, components: (0..<3).map { PixelComponent(plane: $0, step: 1, offset: 0, shift: 0, depth: 8) },
      log2ChromaWidth: chroma.0, log2ChromaHeight: chroma.1, isRGB: false, hasAlpha: false)
  }
}
