import CLinux
import Frames
import Telemetry
import Testing

@testable import Capture

/// What is decided about a camera without one.
@Suite struct CameraChoiceTests {
  private func mode(_ fourcc: String, _ sizes: [(Int, Int, [Int])]) -> CameraMode {
    CameraMode(
      code: fovea_fourcc(fourcc), description: "", name: CameraPixelFormat.all.first { $0.fourcc == fourcc }?.name,
      sizes: sizes.map { .init(width: $0.0, height: $0.1, rates: $0.2.map { Rational($0, 1) }) })
  }

  /// What a common USB webcam offers.
  private var webcam: [CameraMode] {
    [
      mode("MJPG", [(1920, 1080, [30]), (1280, 720, [60, 30]), (640, 480, [30])]),
      mode("YUYV", [(1920, 1080, [5]), (1280, 720, [10]), (640, 480, [30])]),
      mode("XYZW", [(1280, 720, [120])]),
    ]
  }

  private func choose(_ modes: [CameraMode], _ change: (inout CameraWishes) -> Void = { _ in }) -> String? {
    var wishes = CameraWishes()
    change(&wishes)
    return CameraChoice.best(of: modes, for: wishes).map {
      "\(CameraPixelFormat.letters($0.code)) \($0.width)x\($0.height) \($0.rate.map { $0.value } ?? 0)"
    }
  }

  @Test func sizeComesFirstThenRateThenCost() {
    #expect(choose(webcam) == "MJPG 1280x720 30.0")
    #expect(choose(webcam) { $0.size = (640, 480) } == "YUYV 640x480 30.0")
    #expect(choose(webcam) { $0.rate = Rational(10, 1) } == "YUYV 1280x720 10.0")
    #expect(choose(webcam) { $0.rate = Rational(60, 1) } == "MJPG 1280x720 60.0")
    #expect(choose(webcam) { $0.size = (1900, 1000) } == "MJPG 1920x1080 30.0")
    #expect(choose(webcam) { $0.format = "yuyv" } == "YUYV 1280x720 10.0")
    #expect(choose(webcam) { $0.format = "YUYV" } == "YUYV 1280x720 10.0")
    #expect(choose(webcam) { $0.format = "auto" } == "MJPG 1280x720 30.0")
  }

  @Test func unreadableFormatsAreNotChosen() {
    #expect(choose([mode("XYZW", [(1280, 720, [30])])]) == nil)
    #expect(choose(webcam) { $0.format = "nv12" } == nil)
    #expect(choose([]) == nil)
  }

  @Test func driversThatSayLittleGetTheWish() {
    #expect(choose([mode("NV12", [])]) { $0.size = (800, 600) } == "NV12 800x600 0.0")
    #expect(choose([mode("NV12", [(320, 240, [])])]) == "NV12 320x240 0.0")
  }

  @Test(arguments: [((1000, 700), "1008x704"), ((1, 1), "16x8"), ((9999, 9999), "4080x2160")])
  func rangesAreRoundedToTheirSteps(wish: (Int, Int), expected: String) throws {
    let range = CameraMode.Range(values: [16, 4080, 16, 8, 2160, 8], rates: [])
    var scaler = mode("NV12", [])
    scaler.range = range
    let text = try #require(choose([scaler]) { $0.size = (wish.0, wish.1) })
    #expect(text.hasPrefix("NV12 \(expected) "), "\(text)")
  }

  // MARK: planes in memory

  private func planes(
    _ fourcc: String, _ width: Int, _ height: Int, strides: [Int]
  ) throws -> [CameraPlanes.Plane]? {
    let format = try #require(CameraPixelFormat.all.first { $0.fourcc == fourcc })
    var settled = fovea_camera_format()
    (settled.width, settled.height, settled.planes) = (UInt32(width), UInt32(height), UInt32(strides.count))
    withUnsafeMutableBytes(of: &settled.stride) { bytes in
      for (index, stride) in strides.enumerated() { bytes.bindMemory(to: UInt32.self)[index] = UInt32(stride) }
    }
    return CameraPlanes(settled, format, try #require(format.pixelFormat))?.planes
  }

  @Test func planesFollowOneAnother() throws {
    let nv12 = try #require(try planes("NV12", 640, 480, strides: [704]))
    #expect(nv12.map(\.offset) == [0, 704 * 480] && nv12.map(\.stride) == [704, 704] && nv12[1].rows == 240)
    let yu12 = try #require(try planes("YU12", 640, 480, strides: [704]))
    #expect(yu12.map(\.stride) == [704, 352, 352])
    #expect(yu12.map(\.offset) == [0, 704 * 480, 704 * 480 + 352 * 240])
    let yv12 = try #require(try planes("YV12", 640, 480, strides: [640]))
    #expect(yv12.map(\.offset) == [0, 640 * 480 + 320 * 240, 640 * 480], "V lies before U")
    let nv24 = try #require(try planes("NV24", 640, 480, strides: [640]))
    #expect(nv24.map(\.stride) == [640, 1280])
    let yuyv = try #require(try planes("YUYV", 640, 480, strides: [0]))
    #expect(yuyv.map(\.stride) == [1280] && yuyv[0].end == 1280 * 480)
  }

  @Test func planesOfTheirOwnBeginAtZero() throws {
    let nm12 = try #require(try planes("NM12", 640, 480, strides: [640, 768]))
    #expect(nm12.map(\.offset) == [0, 0] && nm12.map(\.stride) == [640, 768] && nm12.map(\.memory) == [0, 1])
  }

  @Test func rowDistancesThatCannotBeAreRefused() throws {
    #expect(try planes("YUYV", 640, 480, strides: [640]) == nil)
    #expect(try planes("GREY", 640, 480, strides: [0x7fff_ffff]) == nil)
  }

  // MARK: words

  @Test func controlsAreNamedAsV4L2CtlNamesThem() {
    #expect(CameraControl.name(of: "Exposure Time, Absolute") == "exposure_time_absolute")
    #expect(CameraControl.name(of: "White Balance, Automatic") == "white_balance_automatic")
    #expect(CameraControl.name(of: "exposure_time_absolute") == "exposure_time_absolute")
  }

  @Test func settingsNeedNameAndValue() throws {
    #expect(try CameraSetting("Gain=3") == CameraSetting("gain=3"))
    for words in ["gain", "gain=", "=3", ""] { #expect(throws: UserError.self) { try CameraSetting(words) } }
  }

  @Test func fourLettersAreANumber() {
    #expect(CameraPixelFormat.known(0x5659_5559)?.name == "yuyv")
    #expect(CameraPixelFormat.letters(0x5659_5559) == "YUYV")
    #expect(CameraPixelFormat.letters(0x0000_0000) == "????")
    // Every entry that is not coded has a description of its samples.
    for format in CameraPixelFormat.all {
      if case .samples = format.content { #expect(format.pixelFormat != nil, "\(format.fourcc)") }
    }
  }

  @Test func gapsInTheNumbersAreDrops() {
    var clock = CameraClock(clock: SystemTime())
    func gap(_ number: UInt32) -> Int {
      var raw = fovea_camera_buffer()
      raw.sequence = number
      return clock.gap(before: raw)
    }
    #expect([5, 6, 9, 10, 0, 1].map { gap($0) } == [0, 0, 2, 0, 0, 0])
  }
}
