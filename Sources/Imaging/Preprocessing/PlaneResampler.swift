import CKernels
import Frames

/// Resamples one component of a picture, row by row, to 15-bit fixed point.
///
/// Output rows are asked for in order from 0. Rows of plain bytes are read in place; any other layout is unpacked
/// first, each row once, into a ring that holds as many rows as one filter spans.
final class PlaneResampler {
  private let component: PixelComponent
  private let horizontal: ResampleTable
  private let vertical: ResampleTable
  private let columns: Range<Int>
  private let isPlainBytes: Bool
  private let isa: fovea_isa
  private let rows: UnsafeMutablePointer<UnsafeRawPointer?>
  private let ring: UnsafeMutablePointer<Int16>
  private let ringStride: Int
  private let ringRows: Int
  private let column: UnsafeMutablePointer<Int16>
  private let starts: UnsafeMutablePointer<Int32>
  /// The next row of the picture that the ring has not seen.
  private var nextRow = 0

  init(_ component: PixelComponent, horizontal: ResampleTable, vertical: ResampleTable, isa: fovea_isa) {
    (self.component, self.horizontal, self.vertical, self.isa) = (component, horizontal, vertical, isa)
    columns = horizontal.inputRange
    isPlainBytes = component.step == 1 && component.depth == 8 && component.shift == 0
    ringRows = vertical.counts.max() ?? 1
    ringStride = columns.count
    rows = .allocate(capacity: ringRows)
    rows.initialize(repeating: nil, count: ringRows)
    ring = .allocate(capacity: isPlainBytes ? 1 : ringRows * ringStride)
    ring.initialize(repeating: 0, count: isPlainBytes ? 1 : ringRows * ringStride)
    column = .allocate(capacity: ringStride + horizontal.taps)
    column.initialize(repeating: 0, count: ringStride + horizontal.taps)
    // Filters start relative to the first column that any of them reads.
    starts = .allocate(capacity: horizontal.start.count)
    for (i, start) in horizontal.start.enumerated() { (starts + i).initialize(to: start - Int32(columns.lowerBound)) }
  }

  deinit {
    rows.deallocate()
    ring.deallocate()
    column.deallocate()
    starts.deallocate()
  }

  /// Forgets the rows of the previous picture.
  func begin() { nextRow = 0 }

  /// Writes output row `y`, one element for each entry of the horizontal table.
  func resample(row y: Int, of planes: Planes, into output: UnsafeMutablePointer<Int16>) {
    let first = Int(vertical.start[y])
    let count = vertical.counts[y]
    gather(first, count, planes[component.plane])
    vertical.weights.withUnsafeBufferPointer { all in
      guard let weights = all.baseAddress.map({ $0 + y * vertical.taps }) else { return }
      let (taps, n) = (Int32(count), Int32(columns.count))
      if isPlainBytes {
        rows.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: ringRows) {
          fovea_image_vertical8(column, $0, weights, taps, n, isa)
        }
      } else {
        rows.withMemoryRebound(to: UnsafePointer<Int16>?.self, capacity: ringRows) {
          fovea_image_vertical16(column, $0, weights, taps, n, isa)
        }
      }
    }
    horizontal.weights.withUnsafeBufferPointer {
      fovea_image_horizontal(
        output, column, starts, $0.baseAddress, Int32(horizontal.taps), Int32(horizontal.start.count), isa)
    }
  }

  /// Points `rows` at the picture's rows `first ..< first + count`.
  private func gather(_ first: Int, _ count: Int, _ plane: (base: UnsafeMutableRawPointer?, stride: Int)) {
    guard let base = plane.base else { preconditionFailure("a frame without memory") }
    let origin = UnsafeRawPointer(base) + component.offset + columns.lowerBound * component.step
    if isPlainBytes {
      for i in 0..<count { rows[i] = origin + (first + i) * plane.stride }
      return
    }
    for y in max(first, nextRow)..<max(first + count, nextRow) {
      fovea_image_unpack(
        ring + (y % ringRows) * ringStride,
        (origin + y * plane.stride).assumingMemoryBound(to: UInt8.self), Int32(component.step),
        Int32(component.shift), Int32(component.depth), Int32(columns.count), isa)
    }
    nextRow = max(nextRow, first + count)
    for i in 0..<count { rows[i] = UnsafeRawPointer(ring + ((first + i) % ringRows) * ringStride) }
  }
}
