import Frames

/// Paints the synthetic picture: luma rises to the right, U and V turn slowly, and the frame's number stands in the
/// upper left corner in white on black.
struct TestPattern {
  let width: Int, height: Int

  /// Fills 8-bit 4:2:0 planes with the picture of this number.
  func paint(number: Int, into planes: Planes) {
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    ramp(planes[0], columns: width, rows: height) { x in 40 + (x * 160 / max(width, 1) + number * 2) % 180 }
    ramp(planes[1], columns: chromaWidth, rows: chromaHeight) { x in
      64 + wave(x * 128 / max(chromaWidth, 1) + number)
    }
    ramp(planes[2], columns: chromaWidth, rows: chromaHeight) { x in
      64 + wave(x * 128 / max(chromaWidth, 1) + number * 3 + 64)
    }
    draw(number, planes)
  }

  /// 0…128 and back, in 256 steps.
  private func wave(_ phase: Int) -> Int {
    let p = phase & 255
    return p < 128 ? p : 256 - p
  }

  /// One row by the formula, the others copied from it.
  private func ramp(
    _ plane: (base: UnsafeMutableRawPointer?, stride: Int), columns: Int, rows: Int, _ value: (Int) -> Int
  ) {
    guard let base = plane.base else { return }
    for x in 0..<columns { base.storeBytes(of: UInt8(truncatingIfNeeded: value(x)), toByteOffset: x, as: UInt8.self) }
    for y in 1..<max(rows, 1) { (base + y * plane.stride).copyMemory(from: base, byteCount: columns) }
  }

  private func draw(_ number: Int, _ planes: Planes) {
    let cell = max(1, height / 60)
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    var x = cell
    while divisor > 0 {
      digit(number / divisor % 10, left: x, top: cell, cell: cell, planes)
      divisor /= 10
      x += 4 * cell
    }
  }

  /// A digit of 3x5 cells.
  private func digit(_ value: Int, left: Int, top: Int, cell: Int, _ planes: Planes) {
    guard let luma = planes[0].base else { return }
    for y in 0..<5 * cell where top + y < height {
      for x in 0..<3 * cell where left + x < width {
        let lit = Self.glyphs[value] >> (14 - (y / cell * 3 + x / cell)) & 1 == 1
        luma.storeBytes(of: lit ? 235 : 16, toByteOffset: (top + y) * planes[0].stride + left + x, as: UInt8.self)
      }
    }
  }

  // Rows of three bits, the top one first.
  private static let glyphs: [UInt16] = [
    0b111_101_101_101_111, 0b010_110_010_010_111, 0b111_001_111_100_111, 0b111_001_111_001_111, 0b101_101_111_001_001,
    0b111_100_111_001_111, 0b111_100_111_101_111, 0b111_001_010_010_010, 0b111_101_111_101_111, 0b111_101_111_001_111,
  ]
}
