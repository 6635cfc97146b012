import Explanations
import Frames
import Inference
import Tensors
import Testing

@testable import Pipeline

/// Statistics of layers from frame to frame, and the memory that they take.
@Suite struct MeasuringTests {
  private final class Memory {}

  @Test func memoryIsUsedAgainOnceItIsLetGo() {
    var pool = ReusePool<Memory>(most: 2)
    var first: Memory? = pool.take { Memory() }
    let address = ObjectIdentifier(first!)
    let second = pool.take { Memory() }
    #expect(second !== first)
    first = nil
    first = pool.take { Memory() }
    #expect(ObjectIdentifier(first!) == address)
    // Beyond what is kept, objects are made for one use.
    #expect(pool.take { Memory() } !== pool.take { Memory() })
    withExtendedLifetime(second) {}
  }

  private func follow(_ frames: [[Float]]) -> [ChannelStatistics] {
    let follower = LayerFollower(
      "layer", LayerLayout(planar: SpatialExtent([1, 2, 1, 3])), field: nil, transform: transform(.gray, 1))
    var last: LayerValues?
    for values in frames {
      values.withUnsafeBufferPointer {
        guard let base = $0.baseAddress else { return }
        last = follower.take(base, of: Frame(FrameFormat(pixelFormat: .gray, width: 8, height: 8)), patchesFrom: nil)
      }
      #expect(last.map { Array($0.values.view.floats) } == values)
    }
    return last?.statistics ?? []
  }

  @Test func channelsAreFollowed() {
    let first = follow([[1, -2, 0, 0, 0, 0]])
    #expect(first[0].low == -2 && first[0].high == 1 && first[0].place == 0 && first[0].zeros == 1 / Float(3))
    #expect(first[0].strength == 1 && first[0].change == 0 && first[0].hasFired && !first[1].hasFired)
    let second = follow([[1, -2, 0, 0, 0, 0], [1, 1, 7, 0, 0, 0]])
    #expect(second[0].high == 7 && second[0].place == 2 && second[0].mean == 3)
    #expect(abs(second[0].strength - 1.2) < 1e-6 && abs(second[0].change - 10 / Float(3) * 0.1) < 1e-6)
  }

  @Test func histogramsCountEveryFiniteValue() {
    let values: [Float] = [0, 1, 2, 3, 4, 5, 6, .nan, .infinity, 7, 8, 24]
    let maps = layer("", [1, 1, 1, 12], values)
    let histogram = maps.histogram(0)
    #expect(histogram.counts.count == Histogram.bins && histogram.counts.reduce(0, +) == 10)
    #expect(histogram.low == 0 && histogram.high == 24 && histogram.counts[0] == 1 && histogram.counts.last == 1)
    #expect(layer("", [1, 1, 1, 2], [.nan, 3]).histogram(0).counts.allSatisfy { $0 == 0 })
  }

  private func transform(_ color: ColorOrder, _ planes: Int) -> InputTransform {
    InputTransform(
      height: 10, width: 12, fit: .squash, resizeTo: nil, color: color, scale: 1 / 255,
      mean: Array([0.4, 0.5, 0.6].prefix(planes)), std: Array([0.2, 0.25, 0.3].prefix(planes)))
  }

  /// Each pixel is the nearest one of the input, the normalisation undone; grey where the input ends.
  @Test(arguments: [(ColorOrder.rgb, 3), (.bgr, 3), (.gray, 1)]) func patchesAreWhatTheUnitSaw(
    color: ColorOrder, planes: Int
  ) throws {
    let transform = transform(color, planes)
    func level(_ plane: Int, _ y: Int, _ x: Int) -> Int { (plane * 71 + y * 17 + x * 5) % 256 }
    let input = (0..<planes).flatMap { plane in
      (0..<120).map { (Float(level(plane, $0 / 12, $0 % 12)) / 255 - transform.mean[plane]) / transform.std[plane] }
    }
    let axis = FieldAxis(size: 6, stride: 2, offset: -2)
    let cutter = PatchCutter(transform, field: ReceptiveField(height: axis, width: axis))
    let side = PatchBook.side
    for (y, x) in [(0, 0), (2, 2), (4, 5), (0, 5)] {
      let (rows, columns) = cutter.span(y: y, x: x)
      let pixels = try input.withUnsafeBufferPointer { cutter.pixels(y: y, x: x, from: try #require($0.baseAddress)) }
      let extent = max(rows.count, columns.count)
      let (top, left) = (
        (rows.lowerBound + rows.upperBound - extent) / 2, (columns.lowerBound + columns.upperBound - extent) / 2
      )
      for row in 0..<side {
        for column in 0..<side {
          let (v, u) = (top + row * extent / side, left + column * extent / side)
          for c in 0..<3 {
            let plane = color == .gray ? 0 : color == .bgr ? 2 - c : c
            let expected = rows.contains(v) && columns.contains(u) ? level(plane, v, u) : 40
            #expect(pixels[(row * side + column) * 3 + c] == expected, "\(row), \(column), \(c) of \(y), \(x)")
          }
        }
      }
    }
  }

  @Test func patchesKeepTheStrongestOfDifferentMoments() {
    let book = PatchBook(units: 2)
    func add(_ activation: Float, at time: Double) {
      guard book.wants(activation, of: 0, at: time) else { return }
      book.add(Patch(activation: activation, frame: 0, time: time, moment: time, y: 0, x: 0, pixels: []), to: 0)
    }
    for second in 0..<20 { add(Float(second % 12 + 1), at: Double(second * 2)) }
    #expect(book.patches(of: 0).map(\.activation) == [12, 11, 10, 9, 8, 8, 7, 7, 6])
    add(100, at: 40.2)
    add(90, at: 40.5)
    #expect(book.patches(of: 0).prefix(2).map(\.activation) == [100, 12])
    #expect(!book.wants(.nan, of: 0, at: 99) && !book.wants(0, of: 1, at: 99))
    #expect(book.patches(of: 1).isEmpty)
  }

  /// Every pass of a loop shows the same moments, whatever the time stamps say.
  @Test func aLoopsMomentsAreKeptOnce() throws {
    let transform = InputTransform(
      height: 8, width: 8, fit: .squash, resizeTo: nil, color: .rgb, scale: 1, mean: [0, 0, 0], std: [1, 1, 1])
    let follower = LayerFollower(
      "layer", LayerLayout(planar: SpatialExtent(Shape([1, 1, 2, 2]))), field: nil, transform: transform)
    var format = FrameFormat(pixelFormat: .yuv420p, width: 8, height: 8)
    format.timeBase = Rational(1, 10)
    let frame = Frame(format)
    let input = [Float](repeating: 0, count: 3 * 64)
    var book: PatchBook?
    for pass in 0..<9 {
      for second in 0..<3 {
        (frame.loopShift, frame.sequence) = (Int64(pass * 100), UInt64(pass * 3 + second))
        frame.pts = Int64(pass * 100 + second * 30)
        book = follower.take([1, 0, 0, Float(5 + second)], of: frame, patchesFrom: input).patches
      }
    }
    #expect(book?.patches(of: 0).map(\.activation) == [7, 6, 5])
  }
}
