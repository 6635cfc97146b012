import CFFmpeg
import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture

/// What a camera delivers compressed, buffer by buffer, as ffmpeg's encoders make it.
@Suite struct CodedCameraTests {
  /// Pictures of a test source, each encoded by itself, and their samples as ffmpeg decodes them.
  private func encoded(_ arguments: [String], ending: String, count: Int = 3) throws -> (bytes: [Data], samples: [Data])
  {
    try TestData.withTemporaryFolder { folder in
      var (bytes, samples) = ([Data](), [Data]())
      for number in 0..<count {
        let path = folder.appendingPathComponent("\(number).\(ending)").path
        let made = try run(
          "ffmpeg",
          ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30", "-vf", "select=eq(n\\,\(7 * number))"]
            + ["-frames:v", "1"] + arguments + ["-y", path])
        #expect(made.status == 0, "\(made.errors)")
        bytes.append(try Data(contentsOf: URL(fileURLWithPath: path)))
        let raw = try run("ffmpeg", ["-v", "error", "-i", path, "-f", "rawvideo", "-"])
        #expect(raw.status == 0, "\(raw.errors)")
        samples.append(raw.output)
      }
      return (bytes, samples)
    }
  }

  private func decode(_ pictures: CodedCameraPictures, _ data: Data, into frame: Frame) throws -> Bool {
    // Exactly these bytes, without FFmpeg's padding behind them, as in a driver's buffer.
    var bytes = [UInt8](data)
    return try bytes.withUnsafeMutableBufferPointer {
      try pictures.decode(try #require($0.baseAddress), $0.count, into: frame)
    }
  }

  /// Every buffer gives its picture at once, whatever the number of threads: waiting for the next buffer would delay a live picture.
  @Test(arguments: [1, 4])
  func motionJPEGGivesEachPictureAtOnce(threads: Int) throws {
    let (bytes, samples) = try encoded(["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj422p"], ending: "jpg")
    let pictures = try CodedCameraPictures(
      codec: AV_CODEC_ID_MJPEG, rate: Rational(30, 1), camera: "test", threads: threads)
    let frame = Frame(FrameFormat(pixelFormat: .gray, width: 1, height: 1))
    for (data, expected) in zip(bytes, samples) {
      #expect(try decode(pictures, data, into: frame))
      #expect(frame.format.width == 320 && frame.format.height == 240)
      #expect(frame.packed() == expected)
      #expect(!frame.isDamaged)
    }
    #expect(pictures.format?.frameRate == Rational(30, 1))
  }

  @Test(arguments: [1, 4])
  func h264GivesEachPictureAtOnce(threads: Int) throws {
    let (bytes, samples) = try encoded(
      ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-f", "h264"], ending: "h264")
    let pictures = try CodedCameraPictures(
      codec: AV_CODEC_ID_H264, rate: Rational(30, 1), camera: "test", threads: threads)
    let frame = Frame(FrameFormat(pixelFormat: .gray, width: 1, height: 1))
    for (data, expected) in zip(bytes, samples) {
      #expect(try decode(pictures, data, into: frame))
      #expect(frame.packed() == expected)
    }
  }

  /// Cameras send cut and garbled pictures: none comes out as whole, and the next whole one is decoded correctly.
  @Test func damagedPicturesDoNoHarm() throws {
    let (bytes, samples) = try encoded(["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"], ending: "jpg", count: 1)
    let pictures = try CodedCameraPictures(codec: AV_CODEC_ID_MJPEG, rate: Rational(30, 1), camera: "test", threads: 1)
    let frame = Frame(FrameFormat(pixelFormat: .gray, width: 1, height: 1))
    #expect(try decode(pictures, bytes[0], into: frame))
    var generator = SplitMix64(9)
    for round in 0..<200 {
      var data = bytes[0]
      switch round % 3 {
      case 0: data = data.prefix(1 + Int(generator.next() % UInt64(data.count)))
      case 1:
        for _ in 0..<20 {
          data[Int(generator.next() % UInt64(data.count))] = UInt8(truncatingIfNeeded: generator.next())
        }
      default: data = Data((0..<300).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
      }
      let found = (try? decode(pictures, Data(data), into: frame)) ?? false
      if found { #expect(frame.format.width == 320 && frame.format.height == 240) }
    }
    #expect(try decode(pictures, bytes[0], into: frame))
    #expect(frame.packed() == samples[0] && !frame.isDamaged)
  }

  /// A camera that changes its size in mid-stream: the pictures are brought to the first one's.
  @Test func anotherSizeIsBroughtToTheFirst() throws {
    let (bytes, _) = try encoded(["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], ending: "jpg", count: 1)
    let (small, _) = try encoded(["-s", "160x120", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], ending: "jpg", count: 1)
    let pictures = try CodedCameraPictures(codec: AV_CODEC_ID_MJPEG, rate: Rational(30, 1), camera: "test", threads: 1)
    let frame = Frame(FrameFormat(pixelFormat: .gray, width: 1, height: 1))
    #expect(try decode(pictures, bytes[0], into: frame))
    #expect(try decode(pictures, small[0], into: frame))
    #expect(frame.format.width == 320 && frame.format.height == 240)
  }
}
