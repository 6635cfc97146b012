import CFFmpeg
import Foundation
import Testing

@testable import Media

@Suite struct FailureTableTests {
  /// A work that a row is about.
  private func work(_ row: FailureTable.Row) -> FFmpegWork {
    let container = row.containers.sorted().first ?? "mp4"
    let codec = row.codecs.sorted().first ?? "h264"
    return switch row.work {
    case .connect: .connect
    case .publish: .publish(container: container)
    case .openPipe: .openPipe(.other)
    case .openEmptyPipe: .openPipe(.nothing)
    case .openMP4Pipe: .openPipe(.mp4)
    case .openEncoder: .openEncoder(codec, isHardware: false)
    case .openHardwareEncoder: .openEncoder(codec, isHardware: true)
    case .encode: .encode(codec)
    case .writeHeader: .writeHeader(container: container, codecs: [codec, "aac"])
    case .writePacket: .writePacket(container: container, codec: codec)
    case .writeTrailer: .writeTrailer(container: container)
    }
  }

  /// No row hides behind an earlier one, and each says what to do.
  @Test func everyRowIsReached() {
    for row in FailureTable.rows {
      for code in row.codes.isEmpty ? [-EIO] : row.codes {
        #expect(FailureTable.row(code, during: work(row))?.reason == row.reason, "\(row.work) \(code)")
        let reason = ffmpegReason(code, during: work(row))
        #expect(!reason.contains("{") && !reason.hasSuffix(".") && reason.contains("; "), "\(reason)")
      }
    }
    #expect(Set(FailureTable.rows.map { $0.work }) == Set(FFmpegWork.Kind.allCases))
  }

  /// What a code means by itself is the answer where no row fits: a full disk is one for every work.
  @Test func otherCodesMeanWhatTheyAlwaysDo() {
    for row in FailureTable.rows where !row.codes.isEmpty {
      #expect(ffmpegReason(-ENOSPC, during: work(row)) == ffmpegReason(-ENOSPC))
    }
  }

  @Test func theNamesStandInTheSentence() {
    let invalid = fovea_averror_invaliddata
    let reason = ffmpegReason(
      invalid, during: .writeHeader(container: "avi", codecs: ["theora", "aac"]), message: "no tag")
    #expect(reason.hasPrefix("a file of format avi cannot hold theora, aac as it is here; name the output .mkv"))
    #expect(reason.hasSuffix("(FFmpeg: no tag)"))
  }

  @Test func passwordsAreNotRepeated() {
    let reason = ffmpegReason(-EIO, during: .connect, message: "no answer of rtsp://me:secret@host/live")
    #expect(reason.hasSuffix("(FFmpeg: no answer of rtsp://host/live)"))
  }

  @Test func pipesAreToldByTheirFirstBytes() {
    #expect(PipeBeginning([]) == .nothing)
    #expect(PipeBeginning([0, 0, 0, 32] + Array("ftypisom".utf8)) == .mp4)
    #expect(PipeBeginning([0, 0, 0, 32] + Array("fty".utf8)) == .other)
    #expect(PipeBeginning(Array("hello".utf8)) == .other)
  }

  @Test func theFirstErrorOfACallIsKept() throws {
    let codec = try #require(avcodec_find_encoder_by_name("h261"))
    var context = avcodec_alloc_context3(codec)
    defer { avcodec_free_context(&context) }
    (context!.pointee.width, context!.pointee.height, context!.pointee.pix_fmt) = (64, 48, AV_PIX_FMT_YUV420P)
    context!.pointee.time_base = AVRational(num: 1, den: 25)
    let (code, message) = FFmpegLog.watch { avcodec_open2(context, codec, nil) }
    #expect(code < 0 && message.contains("Valid sizes are 176x144, 352x288") && !message.contains("\n"))
    #expect(FFmpegLog.watch { 0 }.message.isEmpty && FFmpegLog.watch { -1 }.message.isEmpty)
  }
}
