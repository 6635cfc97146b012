import CKernels
import Frames
import Telemetry

/// Draws on pictures of one format, in their own samples: no conversion, no allocation per picture.
///
/// A sample changes only where something covers it. Where several pixels share a chroma sample, it is blended by how
/// much of its block is covered; rectangles from `aligned` cover whole blocks, so that drawing inside them changes no
/// pixel outside. Drawing on a picture with alpha makes it opaque where something covers it.
package final class Canvas {
  /// One component and its place in the chroma grid.
  struct Channel {
    let component: PixelComponent
    let log2Width: Int, log2Height: Int, columns: Int, rows: Int
  }

  package let format: FrameFormat
  package let bounds: Rect
  /// Pixels outside are left as they are.
  package var clip: Rect
  let channels: [Channel]
  let isa: fovea_isa
  private(set) var planes = Planes()
  /// For each component: a row of 4, sample = row · (R, G, B, 1).
  private let inkRows: [[Double]]
  /// Weights of one row of samples.
  let weights: UnsafeMutablePointer<UInt8>
  private let columnCoverage: UnsafeMutablePointer<UInt8>
  private var corners: [Int: [UInt8]] = [:]

  /// A canvas for pictures of this format. Throws for formats that are not samples of up to 16 bits.
  package convenience init(_ format: FrameFormat) throws { try self.init(format, isa: fovea_isa_default()) }

  init(_ format: FrameFormat, isa: fovea_isa) throws {
    let pixel = format.pixelFormat
    let isKnown = pixel.components.allSatisfy {
      (1...16).contains($0.depth) && $0.shift >= 0 && $0.shift + $0.depth <= 16 && (0..<4).contains($0.plane)
    }
    guard isKnown, pixel.colorCount == 1 || pixel.colorCount == 3, format.width > 0, format.height > 0 else {
      throw UserError("Cannot draw on pictures in the pixel format \(pixel.name); convert them to yuv420p first.")
    }
    (self.format, self.isa) = (format, isa)
    bounds = Rect(x: 0, y: 0, width: format.width, height: format.height)
    clip = bounds
    channels = pixel.components.enumerated().map { c, component in
      Channel(
        component: component, log2Width: pixel.isChroma(c) ? pixel.log2ChromaWidth : 0,
        log2Height: pixel.isChroma(c) ? pixel.log2ChromaHeight : 0,
        columns: pixel.width(ofComponent: c, in: format.width),
        rows: pixel.height(ofComponent: c, in: format.height))
    }
    inkRows = Self.inkRows(format)
    weights = .allocate(capacity: format.width + 8)
    weights.initialize(repeating: 0, count: format.width + 8)
    columnCoverage = .allocate(capacity: format.width + 8)
    columnCoverage.initialize(repeating: 0, count: format.width + 8)
  }

  deinit {
    weights.deallocate()
    columnCoverage.deallocate()
  }

  private static func inkRows(_ format: FrameFormat) -> [[Double]] {
    let conversion = ColorConversion(format)
    let pixel = format.pixelFormat
    return pixel.components.enumerated().map { c, component in
      if pixel.hasAlpha && c == pixel.components.count - 1 { return [0, 0, 0, Double((1 << component.depth) - 1)] }
      return Array(conversion.fromRGB(depth: component.depth)[c * 4..<c * 4 + 4])
    }
  }

  /// Turns to this frame, whose memory must be writable and of the canvas's format.
  package func begin(_ frame: Frame) {
    precondition(
      frame.format.width == format.width && frame.format.height == format.height
        && frame.format.pixelFormat == format.pixelFormat, "a frame of another format")
    planes = frame.planes
    clip = bounds
  }

  /// The smallest rectangle of whole chroma blocks around this one, inside the picture.
  package func aligned(_ rect: Rect) -> Rect {
    let (width, height) = (1 << format.pixelFormat.log2ChromaWidth, 1 << format.pixelFormat.log2ChromaHeight)
    let (x, y) = (max(0, rect.x) & -width, max(0, rect.y) & -height)
    let (right, bottom) = ((rect.maxX + width - 1) & -width, (rect.maxY + height - 1) & -height)
    return Rect(x: x, y: y, width: max(0, right - x), height: max(0, bottom - y)).intersection(bounds)
  }

  /// R'G'B' 0…255 as the picture's transfer function has it.
  private func signal(_ color: Color) -> SIMD3<Double> {
    guard let range = HighDynamicRange(transfer: format.color.transfer) else {
      return SIMD3(Double(color.red), Double(color.green), Double(color.blue))
    }
    return SIMD3(range.encode(color, primaries: format.color.primaries))
  }

  func ink(_ color: Color) -> Ink {
    var ink = Ink()
    let rgb = signal(color)
    for c in inkRows.indices {
      let row = inkRows[c]
      let value = row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2] + row[3]
      let largest = Double((1 << channels[c].component.depth) - 1)
      ink[c] = UInt16(min(max(value, 0), largest).rounded())
    }
    return ink
  }

  func address(_ channel: Channel, _ x: Int, _ y: Int) -> UnsafeMutablePointer<UInt8> {
    let (base, stride) = planes[channel.component.plane]
    guard let base else { preconditionFailure("a frame without memory") }
    return (base + y * stride + x * channel.component.step + channel.component.offset)
      .assumingMemoryBound(to: UInt8.self)
  }

  /// Blends one row of samples with one value; `weightStep` 0 uses the first weight for all.
  func blend(
    _ channel: Channel, _ x: Int, _ y: Int, _ count: Int, _ value: UInt16, _ weights: UnsafePointer<UInt8>,
    _ weightStep: Int32
  ) {
    var value = value
    let c = channel.component
    fovea_image_blend(
      address(channel, x, y), Int32(c.step), Int32(c.shift), Int32(c.depth), &value, 0, weights, weightStep,
      Int32(count), isa)
  }

  /// Covers a rectangle with a colour; `opacity` 255 replaces what was there.
  package func fill(_ rect: Rect, _ color: Color, opacity: UInt8 = 255) {
    let area = rect.intersection(clip)
    guard !area.isEmpty, opacity > 0 else { return }
    let ink = self.ink(color)
    for (c, channel) in channels.enumerated() {
      let columns = area.x >> channel.log2Width..<((area.maxX - 1) >> channel.log2Width) + 1
      var constant = opacity
      let isWhole = aligned(area) == area || channel.log2Width + channel.log2Height == 0
      if !isWhole { cover(columns, area, channel) }
      var weighted = -1  // `weights` holds the coverage for this many covered rows
      for y in area.y >> channel.log2Height..<((area.maxY - 1) >> channel.log2Height) + 1 {
        if isWhole {
          blend(channel, columns.lowerBound, y, columns.count, ink[c], &constant, 0)
          continue
        }
        let rows = Self.overlap(y, channel.log2Height, area.y, area.maxY, bounds.maxY)
        if rows != weighted {
          for i in 0..<columns.count {
            weights[i] = UInt8(
              (Int(opacity) * Int(columnCoverage[i]) * rows) >> (channel.log2Width + channel.log2Height))
          }
          weighted = rows
        }
        blend(channel, columns.lowerBound, y, columns.count, ink[c], weights, 1)
      }
    }
  }

  /// How many of its luma columns each chroma sample of the row has inside of `area`.
  private func cover(_ columns: Range<Int>, _ area: Rect, _ channel: Channel) {
    for (i, x) in columns.enumerated() {
      columnCoverage[i] = UInt8(Self.overlap(x, channel.log2Width, area.x, area.maxX, bounds.maxX))
    }
  }

  /// How much of block `index` lies between `low` and `high`; a block that the picture's edge cuts counts as whole.
  private static func overlap(_ index: Int, _ log2Size: Int, _ low: Int, _ high: Int, _ edge: Int) -> Int {
    let (first, end) = (index << log2Size, (index + 1) << log2Size)
    return min(end, high == edge ? end : high) - max(first, low)
  }

  /// Four quarters of a disc of this radius, upper left, upper right, lower left, lower right: coverage, row-major.
  func corner(radius: Int) -> [UInt8] {
    if let mask = corners[radius] { return mask }
    var mask = [UInt8](repeating: 0, count: 4 * radius * radius)
    for y in 0..<radius {
      for x in 0..<radius {
        let (dx, dy) = (Double(radius - x) - 0.5, Double(radius - y) - 0.5)
        let coverage = min(max(Double(radius) - (dx * dx + dy * dy).squareRoot() + 0.5, 0), 1)
        let value = UInt8((coverage * 255).rounded())
        let (mirrorX, mirrorY) = (radius - 1 - x, radius - 1 - y)
        mask[y * radius + x] = value
        mask[radius * radius + y * radius + mirrorX] = value
        mask[2 * radius * radius + mirrorY * radius + x] = value
        mask[3 * radius * radius + mirrorY * radius + mirrorX] = value
      }
    }
    corners[radius] = mask
    return mask
  }
}
