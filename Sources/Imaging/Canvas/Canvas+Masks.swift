import CKernels

extension Canvas {
  /// Blends a colour through a mask of coverage (0…255, `width` x `height` bytes in rows of `stride`) whose upper left
  /// corner lies at (x, y); parts outside of the clip are left out.
  package func blend(
    mask: UnsafePointer<UInt8>, stride: Int, width: Int, height: Int, x: Int, y: Int, _ color: Color,
    opacity: UInt8 = 255
  ) {
    let area = Rect(x: x, y: y, width: width, height: height).intersection(clip)
    guard !area.isEmpty else { return }
    let ink = self.ink(color)
    let origin = mask + (area.y - y) * stride + (area.x - x)
    for (c, channel) in channels.enumerated() {
      let (sx, sy) = (channel.log2Width, channel.log2Height)
      let columns = area.x >> sx..<((area.maxX - 1) >> sx) + 1
      for row in area.y >> sy..<((area.maxY - 1) >> sy) + 1 {
        var source = origin + (row - area.y) * stride
        if sx + sy > 0 {
          fovea_image_coverage(
            weights, Int32(columns.count), origin, stride, Int32(area.width), Int32(area.height),
            Int32((columns.lowerBound << sx) - area.x), Int32((row << sy) - area.y), Int32(sx), Int32(sy))
          source = UnsafePointer(weights)
        }
        if opacity < 255 {
          for i in 0..<columns.count { weights[i] = UInt8((Int(source[i]) * Int(opacity) + 127) / 255) }
          source = UnsafePointer(weights)
        }
        blend(channel, columns.lowerBound, row, columns.count, ink[c], source, 1)
      }
    }
  }

  /// Covers a rectangle with round corners. The radius is at most half of the shorter side.
  package func fillRounded(_ rect: Rect, radius: Int, _ color: Color, opacity: UInt8 = 255) {
    let r = min(radius, min(rect.width, rect.height) / 2)
    guard r > 0 else { return fill(rect, color, opacity: opacity) }
    fill(Rect(x: rect.x, y: rect.y + r, width: rect.width, height: rect.height - 2 * r), color, opacity: opacity)
    let inner = Rect(x: rect.x + r, y: rect.y, width: rect.width - 2 * r, height: r)
    fill(inner, color, opacity: opacity)
    fill(
      Rect(x: inner.x, y: rect.maxY - r, width: inner.width, height: r), color, opacity: opacity)
    corner(radius: r).withUnsafeBufferPointer { masks in
      guard let base = masks.baseAddress else { return }
      let (right, bottom) = (rect.maxX - r, rect.maxY - r)
      blend(mask: base, stride: r, width: r, height: r, x: rect.x, y: rect.y, color, opacity: opacity)
      blend(mask: base + r * r, stride: r, width: r, height: r, x: right, y: rect.y, color, opacity: opacity)
      blend(mask: base + 2 * r * r, stride: r, width: r, height: r, x: rect.x, y: bottom, color, opacity: opacity)
      blend(mask: base + 3 * r * r, stride: r, width: r, height: r, x: right, y: bottom, color, opacity: opacity)
    }
  }

  /// Draws a picture of `width` x `height` bytes through a table of sample values, replacing what was there. Chroma
  /// takes the upper left pixel of each block; (x, y) and the clip lie on the chroma grid.
  package func draw(
    indices: UnsafePointer<UInt8>, stride: Int, width: Int, height: Int, x: Int, y: Int, _ table: InkTable
  ) {
    let area = Rect(x: x, y: y, width: width, height: height).intersection(clip)
    guard !area.isEmpty else { return }
    precondition(aligned(area).x == area.x && aligned(area).y == area.y, "not on the chroma grid")
    let origin = indices + (area.y - y) * stride + (area.x - x)
    for (c, channel) in channels.enumerated() {
      let (sx, sy) = (channel.log2Width, channel.log2Height)
      let columns = area.x >> sx..<((area.maxX - 1) >> sx) + 1
      for row in area.y >> sy..<((area.maxY - 1) >> sy) + 1 {
        let line = max(0, (row << sy) - area.y)
        let component = channel.component
        fovea_image_lookup(
          address(channel, columns.lowerBound, row), Int32(component.step), Int32(component.shift),
          Int32(component.depth), origin + line * stride, 1 << Int32(sx), table.values[c], Int32(columns.count))
      }
    }
  }
}

/// 256 colours as sample values of one canvas's format.
package final class InkTable {
  /// For each component 256 values.
  let values: [UnsafePointer<UInt16>]
  private let storage: UnsafeMutablePointer<UInt16>

  package init(_ map: Colormap, for canvas: Canvas) {
    let count = canvas.channels.count
    let storage = UnsafeMutablePointer<UInt16>.allocate(capacity: 256 * count)
    for level in 0..<256 {
      let ink = canvas.ink(map.color(UInt8(level)))
      for c in 0..<count { (storage + c * 256 + level).initialize(to: ink[c]) }
    }
    self.storage = storage
    values = (0..<count).map { UnsafePointer(storage + $0 * 256) }
  }

  deinit { storage.deallocate() }
}
