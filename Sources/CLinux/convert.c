// Pictures of cameras in formats of their own, through libv4l's conversion library.
//
// Some of its decoders trust their input: they read on where a picture is too short. So they are given a copy with zeros
// behind it, as long as any of them can read for a picture of that size.
#include "CLinux.h"

#include <errno.h>
#include <libv4l-plugin.h>
#include <libv4lconvert.h>
#include <stdlib.h>
#include <string.h>

enum { smallest = 8, largest = 8192, slack = 1 << 16 };

struct fovea_camera_converter {
  struct v4lconvert_data *library;
  struct v4l2_format from, to;
  size_t capacity, needed, rgb_bytes;
  uint8_t *bytes, *rgb;
};

// MARK: which formats

// A device that has one format, in any size, and does nothing. `private` is the format's number.
static void *no_device(int fd) {
  (void)fd;
  return NULL;
}

static void close_nothing(void *private) { (void)private; }

static int answer(void *private, int fd, unsigned long request, void *argument) {
  (void)fd;
  uint32_t fourcc = *(const uint32_t *)private;
  if (request == VIDIOC_ENUM_FMT && ((struct v4l2_fmtdesc *)argument)->index == 0) {
    ((struct v4l2_fmtdesc *)argument)->pixelformat = fourcc;
    return 0;
  }
  if (request == VIDIOC_QUERYCAP) {
    // A device that is more than a camera: for a mere camera libv4l adds controls, in shared memory that it leaves behind.
    memset(argument, 0, sizeof(struct v4l2_capability));
    ((struct v4l2_capability *)argument)->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_OVERLAY;
    return 0;
  }
  if (request == VIDIOC_TRY_FMT && ((struct v4l2_format *)argument)->fmt.pix.pixelformat == fourcc) return 0;
  errno = EINVAL;
  return -1;
}

static ssize_t read_nothing(void *private, int fd, void *buffer, size_t count) {
  (void)private, (void)fd, (void)buffer, (void)count;
  return -1;
}

static ssize_t write_nothing(void *private, int fd, const void *buffer, size_t count) {
  (void)private, (void)fd, (void)buffer, (void)count;
  return -1;
}

static const struct libv4l_dev_ops one_format = {
    .init = no_device, .close = close_nothing, .ioctl = answer, .read = read_nothing, .write = write_nothing};

// libv4l decodes these in a process of its own, for which each picture would wait.
static int needs_helper(uint32_t fourcc) { return fourcc == V4L2_PIX_FMT_OV511 || fourcc == V4L2_PIX_FMT_OV518; }

// The library's table is not public, but it offers RGB for a device exactly when it reads a format that the device has.
int fovea_camera_converts(uint32_t fourcc) {
  if (needs_helper(fourcc)) return 0;
  struct v4lconvert_data *library = v4lconvert_create_with_dev_ops(-1, &fourcc, &one_format);
  if (!library) return 0;
  struct v4l2_format wanted = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  wanted.fmt.pix.width = 640, wanted.fmt.pix.height = 480, wanted.fmt.pix.pixelformat = V4L2_PIX_FMT_RGB24;
  int converts = v4lconvert_try_format(library, &wanted, NULL) == 0 && wanted.fmt.pix.pixelformat == V4L2_PIX_FMT_RGB24;
  v4lconvert_destroy(library);
  return converts;
}

// MARK: conversion

// Uncompressed, pixel by pixel.
static int is_plain(uint32_t fourcc) {
  switch (fourcc) {
    case V4L2_PIX_FMT_SBGGR8: case V4L2_PIX_FMT_SGBRG8: case V4L2_PIX_FMT_SGRBG8: case V4L2_PIX_FMT_SRGGB8:
    case V4L2_PIX_FMT_SBGGR10: case V4L2_PIX_FMT_SGBRG10: case V4L2_PIX_FMT_SGRBG10: case V4L2_PIX_FMT_SRGGB10:
    case V4L2_PIX_FMT_SBGGR16: case V4L2_PIX_FMT_SGBRG16: case V4L2_PIX_FMT_SGRBG16: case V4L2_PIX_FMT_SRGGB16:
    case V4L2_PIX_FMT_Y16: case V4L2_PIX_FMT_Y16_BE: case V4L2_PIX_FMT_Y4: case V4L2_PIX_FMT_Y6: case V4L2_PIX_FMT_RGB565:
      return 1;
    default: return 0;
  }
}

// Bytes of a whole picture where every pixel has as many bits; 0 for compressed formats.
static size_t whole_picture(const fovea_camera_format *source) {
  size_t pixels = (size_t)source->width * source->height, rows = (size_t)source->stride[0] * source->height;
  switch (source->fourcc) {
    case V4L2_PIX_FMT_SBGGR8: case V4L2_PIX_FMT_SGBRG8: case V4L2_PIX_FMT_SGRBG8: case V4L2_PIX_FMT_SRGGB8:
      return rows > pixels ? rows : pixels;
    case V4L2_PIX_FMT_SPCA501: case V4L2_PIX_FMT_SPCA505: case V4L2_PIX_FMT_SPCA508: case V4L2_PIX_FMT_M420:
    case V4L2_PIX_FMT_HM12: case V4L2_PIX_FMT_KONICA420: case V4L2_PIX_FMT_SN9C20X_I420: case V4L2_PIX_FMT_CIT_YYVYUY:
      return pixels * 3 / 2;
    default: return 0;
  }
}

static void describe(struct v4l2_format *format, uint32_t width, uint32_t height, uint32_t fourcc, uint32_t stride) {
  memset(format, 0, sizeof *format);
  format->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  format->fmt.pix.width = width, format->fmt.pix.height = height, format->fmt.pix.pixelformat = fourcc;
  format->fmt.pix.field = V4L2_FIELD_NONE, format->fmt.pix.bytesperline = stride;
}

fovea_camera_converter *fovea_camera_converter_open(int fd, const fovea_camera_format *source) {
  uint32_t width = source->width, height = source->height;
  int fits = width >= smallest && height >= smallest && width <= largest && height <= largest;
  // The library counts in pairs of columns and rows; its decoders of compressed pictures write whole blocks, also where the
  // picture ends in the middle of one.
  uint32_t columns = is_plain(source->fourcc) ? 2 : 16, rows_of_block = is_plain(source->fourcc) ? 2 : 8;
  if (!fits || width % columns || height % rows_of_block || source->stride[0] > 8 * largest) return NULL;
  fovea_camera_converter *made = calloc(1, sizeof *made);
  if (!made) return NULL;
  size_t pixels = (size_t)width * height, rows = (size_t)source->stride[0] * height;
  made->rgb_bytes = 3 * pixels;
  made->needed = whole_picture(source);
  made->capacity = (rows > 4 * pixels ? rows : 4 * pixels) + slack;
  made->bytes = calloc(1, made->capacity);
  made->rgb = calloc(1, made->rgb_bytes + slack);
  made->library = fd < 0 ? v4lconvert_create_with_dev_ops(-1, &made->from.fmt.pix.pixelformat, &one_format)
                         : v4lconvert_create(fd);
  if (!made->bytes || !made->rgb || !made->library) {
    fovea_camera_converter_close(made);
    return NULL;
  }
  uint32_t stride = source->stride[0] ? source->stride[0] : width;
  describe(&made->from, width, height, source->fourcc, stride);
  describe(&made->to, width, height, V4L2_PIX_FMT_RGB24, 3 * width);
  v4lconvert_fixup_fmt(&made->to);
  return made;
}

void fovea_camera_converter_close(fovea_camera_converter *converter) {
  if (!converter) return;
  v4lconvert_destroy(converter->library);
  free(converter->bytes);
  free(converter->rgb);
  free(converter);
}

int fovea_camera_convert(fovea_camera_converter *converter, const uint8_t *bytes, size_t count, uint8_t *rgb, size_t stride) {
  size_t room = converter->capacity - slack;
  if (count == 0 || count > room || count < converter->needed) return -EPIPE;
  memcpy(converter->bytes, bytes, count);
  memset(converter->bytes + count, 0, converter->capacity - count);
  converter->from.fmt.pix.sizeimage = (uint32_t)count;
  int written = v4lconvert_convert(
      converter->library, &converter->from, &converter->to, converter->bytes, (int)count, converter->rgb,
      (int)converter->rgb_bytes);
  if (written < 0) return errno ? -errno : -EIO;
  size_t row = 3 * (size_t)converter->to.fmt.pix.width;
  for (uint32_t y = 0; y < converter->to.fmt.pix.height; y++) memcpy(rgb + y * stride, converter->rgb + y * row, row);
  return 0;
}
