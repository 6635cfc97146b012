import CFFmpeg
import Frames
import Glibc
import Telemetry
import Testing

@testable import Media

/// What wraps FFmpeg's and the drivers' own objects.
@Suite struct OwnershipTests {
  @Test func listsAreCopiedAndLastLonger() throws {
    var list: OpaquePointer?
    #expect(av_dict_set(&list, "title", "Walk", 0) == 0)
    let copy = try MetadataList(copying: list)
    av_dict_free(&list)
    #expect(copy["TITLE"] == "Walk" && copy["artist"] == nil)
    #expect(try MetadataList(copying: nil)["title"] == nil)
  }

  @Test func ofEqualOptionsTheLastCounts() throws {
    let options = try FFmpegOptions([("a", "1"), ("b", "2"), ("a", "3")])
    #expect(av_dict_count(options.pointer) == 2)
    #expect(av_dict_get(options.pointer, "a", nil, 0).map { String(cString: $0.pointee.value) } == "3")
    #expect(try FFmpegOptions([]).pointer == nil)
  }

  @Test func streamsAreDescribedWithoutTheirContainer() throws {
    let context = try #require(avformat_alloc_context())
    let stream = try #require(avformat_new_stream(context, nil))
    stream.pointee.time_base = AVRational(num: 1, den: 90000)
    stream.pointee.codecpar.pointee.codec_type = AVMEDIA_TYPE_AUDIO
    stream.pointee.codecpar.pointee.codec_id = AV_CODEC_ID_AAC
    let description = try StreamDescription(copying: stream)
    avformat_free_context(context)
    #expect(description.kind == AVMEDIA_TYPE_AUDIO && description.codecName == "aac" && !description.isCoverArt)
    #expect(description.timeBase == Rational(1, 90000) && description.index == 0)
  }

  @Test func driversRefuseInSentences() {
    let busy = CameraError(EBUSY, "cannot start the camera /dev/video0")
    #expect("\(busy)" == "cannot start the camera /dev/video0: another program is using the camera; close it")
    #expect("\(CameraError(EDOM, "cannot set it"))".hasPrefix("cannot set it: "))
  }

  @Test func smallerPicturesAreScaledIntoTheirPlaceOnly() throws {
    let format = FrameFormat(pixelFormat: .gray, width: 16, height: 16)
    let (source, target) = (Frame.allocated(format), Frame.allocated(format))
    let base = try #require(source.planes[0].base)
    for y in 0..<16 {
      (base + y * source.planes[0].stride).initializeMemory(as: UInt8.self, repeating: 200, count: 16)
    }
    let place = Placement(x: 4, y: 8, width: 8, height: 4)
    let scaler = try PictureScaler(from: format, as: format.pixelFormat.ffmpeg, to: format, placement: place)
    let view = try AVFrameView()
    try withExtendedLifetime(view) { try scaler.scale(view.show(source), into: target.planes) }
    for y in 0..<16 {
      for x in 0..<16 {
        let value = target.planes[0].base?.load(fromByteOffset: y * target.planes[0].stride + x, as: UInt8.self) ?? 0
        let isInside = (4..<12).contains(x) && (8..<12).contains(y)
        #expect(isInside ? value >= 199 : value <= 16, "\(x) \(y): \(value)")
      }
    }
  }
}
