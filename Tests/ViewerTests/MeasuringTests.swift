import Inference
import Tensors
import Testing

@testable import Viewer

/// Statistics of layers from frame to frame, and the memory that they take.
@Suite struct MeasuringTests {
  @Test func memoryIsUsedAgainWhenNobodyHasIt() throws {
    let pool = TensorPool()
    var first: Tensor? = pool.tensor([2, 300, 1000])
    let address = try #require(first).storage.bytes.baseAddress
    let second = pool.tensor([2, 300, 1000])
    #expect(second.storage.bytes.baseAddress != address)
    first = nil
    #expect(pool.tensor([1000]).storage.bytes.baseAddress != address)
    #expect(pool.tensor([600, 1000]).storage.bytes.baseAddress == address)
  }

  @Test func memoryOutlivesItsPool() {
    var pool: TensorPool? = TensorPool()
    let tensor = pool?.tensor([1000, 1000])
    pool = nil
    tensor?.view.floats.update(repeating: 1)
    #expect(tensor?.view.floats[999_999] == 1)
  }

  private func measured(_ frames: [[Float]]) -> ChannelMeter {
    var meter = ChannelMeter(channels: 2, cells: 3)
    for values in frames {
      values.withUnsafeBufferPointer { values in
        if let base = values.baseAddress { meter.measure(base, keeping: Tensor(.float32, [2, 3])) }
      }
    }
    return meter
  }

  @Test func channelsAreFollowed() {
    let first = measured([[1, -2, 0, 0, 0, 0]]).statistics
    #expect(first[0].low == -2 && first[0].high == 1 && first[0].place == 0 && first[0].zeros == 1 / Float(3))
    #expect(first[0].strength == 1 && first[0].change == 0 && first[0].hasFired && !first[1].hasFired)
    let second = measured([[1, -2, 0, 0, 0, 0], [1, 1, 7, 0, 0, 0]]).statistics
    #expect(second[0].high == 7 && second[0].place == 2 && second[0].mean == 3)
    #expect(abs(second[0].strength - 1.2) < 1e-6 && abs(second[0].change - 10 / Float(3) * 0.1) < 1e-6)
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

  /// All layers are surveyed only while a watcher asks for the survey.
  @Test func surveysAreMadeForThoseWhoAreTold() throws {
    try withViewer { viewer in
      let picture = MJPEGStream(WatchSettings(), live: viewer)
      defer { picture.close() }
      for _ in 0..<30 { #expect(picture.next() != nil) }
      #expect(viewer.hub.latest?.survey == nil)
      let all = WatchStream(WatchSettings(), live: viewer)
      defer { all.close() }
      for _ in 0..<100 where viewer.hub.latest?.survey == nil { _ = all.next() }
      #expect(viewer.hub.latest?.survey?.number == 1)
    }
  }
}
